"""Windows over long utterances: bounded memory, and the same codes and contours.

The prosody of a frame, or the code of a unit, depends on its surroundings: on a number of steps to
either side, on the whole of the phrase reached there, on steps around that phrase, and so on. A
window keeps a run of whole phrases and includes everything on both sides on which they depend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Hierarchy, Segmentation
from prosodytok.types.tokens import ProsodyTokens

#: Frames that a window keeps, about; an utterance shorter than one and a half of it is one window.
#: A phrase is never cut: a longer one, pauses after it included, makes its window longer.
WINDOW_FRAMES = 16_000


@dataclass(frozen=True)
class Window:
    """A part of an utterance that the network processes, and the part of it that is kept.

    Parameters
    ----------
    start, end : int
        Frames of the utterance that are processed; the start is on the grid of frame tokens.
    first, last : int
        Frames that are kept; units are kept that begin in them.
    """

    start: int
    end: int
    first: int
    last: int

    @property
    def num_frames(self) -> int:
        """Frames that are processed."""
        return self.end - self.start

    @property
    def kept_frames(self) -> slice:
        """The kept frames among the processed ones."""
        return slice(self.first - self.start, self.last - self.start)

    def kept_units(self, units: Segmentation) -> slice:
        """The kept units among those of the window."""
        found = np.searchsorted(units.boundaries[:-1] + self.start, [self.first, self.last])
        return slice(*found.tolist())

    def hierarchy(self, whole: Hierarchy) -> Hierarchy:
        """The window's words and phrases; units at its ends are cut."""
        pauses = None if whole.pauses is None else whole.pauses[self._overlapping(whole.words)]
        return Hierarchy(self._units(whole.phrases), self._units(whole.words), whole.source, pauses)

    def example(self, whole: Example, patch: int) -> Example:
        """The window as an utterance, in the register of the whole."""
        steps = slice(self.start // patch, -(-self.end // patch))
        return replace(
            whole,
            prosody=whole.prosody.part(slice(self.start, self.end)),
            hierarchy=self.hierarchy(whole.hierarchy),
            ssl=None if whole.ssl is None else whole.ssl[steps],
        )

    def tokens(self, whole: ProsodyTokens) -> ProsodyTokens:
        """The window's tokens; units at its ends are cut and keep their codes."""
        levels = []
        for level in whole.levels:
            codes = level.codes[:, self._overlapping(level.segmentation)]
            units = self._units(level.segmentation)
            levels.append(replace(level, codes=codes, segmentation=units))
        return replace(whole, levels=tuple(levels), num_frames=self.num_frames, sound_duration=None)

    def _overlapping(self, units: Segmentation) -> slice:
        """The units of the utterance that overlap the window."""
        edges = units.boundaries
        first = int(np.searchsorted(edges, self.start, side="right")) - 1
        return slice(first, int(np.searchsorted(edges, self.end)))

    def _units(self, units: Segmentation) -> Segmentation:
        edges = np.unique(np.clip(units.boundaries, self.start, self.end)) - self.start
        return Segmentation.unlabelled(edges)


def windows(units: Segmentation, reaches: Iterable[int]) -> list[Window]:
    """Divide an utterance into windows at edges of its coarsest units.

    Parameters
    ----------
    units : Segmentation
        The coarsest units.
    reaches : iterable of int
        The dependencies of an output: frames around its unit; frames around the units reached
        there; and so on. See `nn.receptive_field`.
    """
    edges, total, reaches = units.boundaries, units.num_frames, tuple(reaches)
    count = max(1, round(total / WINDOW_FRAMES))
    targets = np.linspace(0, total, count + 1)
    cores = np.unique(edges[np.searchsorted(edges, targets)])
    starts, ends = cores[:-1], cores[1:]
    for reach in (*reaches, 0):
        starts = edges[np.searchsorted(edges, np.maximum(starts, 0), side="right") - 1] - reach
        ends = edges[np.searchsorted(edges, np.minimum(ends, total))] + reach
    starts = np.maximum(starts, 0) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
    ends = np.minimum(-(-ends // FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN, total)
    columns = (starts, ends, cores[:-1], cores[1:])
    return [Window(*map(int, row)) for row in zip(*columns, strict=True)]


def group_by_length(lengths: Sequence[int], batch_frames: int) -> Iterator[list[int]]:
    """Indices of items of similar length, to be processed together with little padding.

    Parameters
    ----------
    lengths : sequence of int
        Frames of each item.
    batch_frames : int
        Frames that a group takes at most, padding included; a single item may be longer.
    """
    frames: NDArray[np.int64] = np.array(lengths, dtype=np.int64)
    order = np.argsort(frames, kind="stable")
    # The longest first: later groups then fit into the memory that was freed.
    for chunk in reversed(batches_by_length(frames[order], batch_frames)):
        yield order[chunk].tolist()
