"""Tokens as a Praat TextGrid: one tier a level, to look at beside the sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.textgrid import Textgrid

from prosodytok.files import atomic_path
from prosodytok.segmentation.hierarchy import Segmentation
from prosodytok.tokens.types import ProsodyTokens
from prosodytok.units import frames_to_seconds


def write_textgrid(path: str | Path, tokens: ProsodyTokens) -> None:
    """Write one utterance as a TextGrid in Praat's long text format, UTF-8.

    Each level is an interval tier of its name whose labels are the codes, such as ``12 40``. Above
    them stands a tier ``words`` (or ``phrases``) with the words themselves, where any is known.

    Parameters
    ----------
    path : path
        The file; an earlier one is replaced.
    tokens : ProsodyTokens
        The utterance.
    """
    grid = Textgrid()
    for name, labels, segmentation in _tiers(tokens):
        grid.addTier(_to_tier(name, labels, segmentation, tokens.frame_rate))
    with atomic_path(path) as temporary:
        grid.save(str(temporary), format="long_textgrid", includeBlankSpaces=True)


def _tiers(tokens: ProsodyTokens) -> Iterator[tuple[str, Sequence[str], Segmentation]]:
    for level in tokens.levels:
        if any(level.segmentation.labels):
            yield f"{level.name}s", level.segmentation.labels, level.segmentation
    for level in tokens.levels:
        labels = [" ".join(map(str, unit)) for unit in level.codes.T.tolist()]
        yield level.name, labels, level.segmentation


def _to_tier(
    name: str, labels: Sequence[str], segmentation: Segmentation, frame_rate: float
) -> IntervalTier:
    times = [frames_to_seconds(edge, frame_rate) for edge in segmentation.boundaries.tolist()]
    return IntervalTier(name, list(zip(times[:-1], times[1:], labels, strict=True)))
