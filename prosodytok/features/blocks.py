"""Long sounds in blocks, so that memory does not grow with the sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Block(NamedTuple):
    """Frames that are computed together.

    Parameters
    ----------
    start, end : int
        Frames with results that are kept.
    first, last : int
        Frames that are processed: the same with a margin on both sides, inside the sound.
    """

    start: int
    end: int
    first: int
    last: int

    @property
    def kept(self) -> slice:
        """The kept frames among the processed ones."""
        return slice(self.start - self.first, self.end - self.first)


def blocks(num_frames: int, length: int, margin: int = 0) -> Iterator[Block]:
    """Divide a number of frames into blocks of a length; the last may be shorter."""
    for start in range(0, num_frames, length):
        end = min(start + length, num_frames)
        yield Block(start, end, max(0, start - margin), min(num_frames, end + margin))
