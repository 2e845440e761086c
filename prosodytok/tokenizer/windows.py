"""Long utterances in windows, so that memory does not grow with them, and with the same outcome.

What a frame decodes to, or a unit is coded as, depends on what lies around it: on so many steps to
either side, on the whole of the phrase that is met there, on so many steps around that phrase, and
so on. A window keeps a run of whole phrases and sees, at both sides, all that they depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Hierarchy, Segmentation
from prosodytok.types.tokens import ProsodyTokens

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Frames that a window keeps, about; what is shorter than one and a half of it is one window. A
#: phrase is never cut: with one that is longer, pauses after it included, its window is too.
WINDOW_FRAMES = 16_000


@dataclass(frozen=True)
class Window:
    """A stretch of an utterance that goes through the network, and the part that is kept of it.

    Parameters
    ----------
    start, end : int
        Frames of the utterance that are seen; the start lies on the grid of frame tokens.
    first, last : int
        Frames of it that are kept, or whose units are: those that begin there.
    """

    start: int
    end: int
    first: int
    last: int

    @property
    def num_frames(self) -> int:
        """Frames that are seen."""
        return self.end - self.start

    @property
    def kept_frames(self) -> slice:
        """The frames that are kept, among those that are seen."""
        return slice(self.first - self.start, self.last - self.start)

    def kept_units(self, units: Segmentation) -> slice:
        """The units that are kept, among those of the window."""
        found = np.searchsorted(units.boundaries[:-1] + self.start, [self.first, self.last])
        return slice(*found.tolist())

    def hierarchy(self, whole: Hierarchy) -> Hierarchy:
        """The window's words and phrases; units at its ends are cut."""
        return Hierarchy(self._units(whole.phrases), self._units(whole.words), whole.source)

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
        """The window's tokens; those of units at its ends are there, and the units are cut."""
        levels = []
        for level in whole.levels:
            edges = level.segmentation.boundaries
            met = slice(
                int(np.searchsorted(edges, self.start, side="right")) - 1,
                int(np.searchsorted(edges, self.end)),
            )
            units = self._units(level.segmentation)
            levels.append(replace(level, codes=level.codes[:, met], segmentation=units))
        return replace(whole, levels=tuple(levels), num_frames=self.num_frames)

    def _units(self, units: Segmentation) -> Segmentation:
        edges = np.unique(np.clip(units.boundaries, self.start, self.end)) - self.start
        return Segmentation.unlabelled(edges)


def windows(units: Segmentation, reaches: Iterable[int]) -> list[Window]:
    """Cut an utterance into windows at edges of its coarsest units.

    Parameters
    ----------
    units : Segmentation
        The coarsest units.
    reaches : iterable of int
        What an outcome depends on: so many frames around the unit where it lies; those around the
        units that are met there; and so on. See `encoder_reaches` and `decoder_reaches`.
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


def side_by_side(
    items: Sequence[Item],
    lengths: Sequence[int],
    frames_at_once: int,
    work: Callable[[list[Item]], Iterable[Result]],
) -> list[Result]:
    """Work on items of like length together, so that little is padded; results in their order.

    Parameters
    ----------
    lengths : sequence of int
        Frames of each item.
    frames_at_once : int
        Frames of items that are worked on together, padding included; one may be longer.
    work : callable
        From items to a result for each.
    """
    frames: NDArray[np.int64] = np.array(lengths, dtype=np.int64)
    order = np.argsort(frames, kind="stable")
    results: dict[int, Result] = {}
    # The longest first: what comes later finds room in the memory that was freed.
    for chunk in reversed(batches_by_length(frames[order], frames_at_once)):
        rows = order[chunk].tolist()
        results.update(zip(rows, work([items[row] for row in rows]), strict=True))
    return [results[row] for row in range(len(items))]
