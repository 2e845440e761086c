"""A part of a TextGrid: the annotation of one turn in a longer sound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from prosodytok.io.textgrid import Entry, TextGrid, Tier, read_textgrid
from prosodytok.segmentation.textgrid_tiers import words_tier_of
from prosodytok.types.errors import SegmentationError


@dataclass(frozen=True)
class TextGridPart:
    """Which part of a TextGrid belongs to a turn.

    Parameters
    ----------
    start, end : float
        The part (s), from the start of the sound.
    duration : float
        Length (s) of the whole sound.
    speaker : str
        Name of the speaker, who may have a words tier of their own; "" if unknown.
    """

    start: float
    end: float
    duration: float
    speaker: str = ""

    def read(self, path: Path) -> TextGrid:
        """Read the part of a file; errors are those of `read_textgrid`."""
        grid = _read(path, self.duration, path.stat().st_mtime_ns if path.is_file() else 0)
        return cut_textgrid(grid, self.start, self.end)

    def words_tier(self, grid: TextGrid) -> str | None:
        """Name of the speaker's own words tier; None if there is none."""
        try:
            return words_tier_of(grid, self.speaker).name if self.speaker else None
        except SegmentationError:
            return None


def cut_textgrid(grid: TextGrid, start: float, end: float) -> TextGrid:
    """Cut a TextGrid, with times from the start of the part.

    An interval belongs to the part if its middle does, and is cut at the edges; so do points.
    """
    return TextGrid(tuple(_cut(tier, start, end) for tier in grid), 0.0, end - start)


def _cut(tier: Tier, start: float, end: float) -> Tier:
    entries = tuple(
        Entry(max(e.start, start) - start, min(e.end, end) - start, e.label)
        for e in tier.entries
        if start <= (e.start + e.end) / 2 < end
    )
    return replace(tier, entries=entries, start=0.0, end=end - start)


@lru_cache(maxsize=2)
def _read(path: Path, duration: float, modified: int) -> TextGrid:
    """Read a file once for all of its turns, until it is modified."""
    del modified
    return read_textgrid(path, duration)
