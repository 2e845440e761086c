"""Units of a changed copy where the words are given: those of the original."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import Hierarchy, Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import UnitSource
from prosodytok.types.units import seconds_to_frames


@dataclass(frozen=True, kw_only=True)
class UnitsOfOriginal(UnitSpec):
    """Units that are cut from those of the original.

    Parameters
    ----------
    hierarchy : Hierarchy
        The units of the original.
    offset : float
        Time (s) of the original at which the copy starts.
    """

    hierarchy: Hierarchy
    offset: float

    @property
    def source(self) -> UnitSource:
        """The source of the original."""
        return self.hierarchy.source

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """The units of the original between the start and the end of the copy.

        What the copy has after the end of the original is a pause.
        """
        del audio
        return cut_hierarchy(self.hierarchy, seconds_to_frames(self.offset), prosody.num_frames)


def units_of_copy(units: UnitSpec, original: Hierarchy, offset: float) -> UnitSpec:
    """Specification of the units of a copy that starts at `offset` (s).

    Units that are found in the sound are found in the copy; given ones are those of the original.
    """
    if units.source in ("textgrid", "transcript"):
        return UnitsOfOriginal(hierarchy=original, offset=offset)
    return units


def cut_hierarchy(original: Hierarchy, start: int, num_frames: int) -> Hierarchy:
    """The units in `num_frames` frames from `start`; what lies after the end is a pause."""
    words, last = original.words, original.words.num_frames
    stop = min(start + num_frames, last)
    kept = np.flatnonzero((words.boundaries[:-1] < stop) & (words.boundaries[1:] > start))
    labels = [words.labels[index] for index in kept]
    edges = _clip(words.boundaries, start, stop)
    phrases = _clip(original.phrases.boundaries, start, stop)
    pauses = original.pauses if original.pauses is None else original.pauses[kept]
    if stop - start < num_frames:
        labels.append("")
        edges = np.append(edges, num_frames)
        phrases[-1] = num_frames
        pauses = pauses if pauses is None else np.append(pauses, True)
    return replace(
        original,
        phrases=Segmentation.unlabelled(phrases),
        words=Segmentation(edges, tuple(labels)),
        pauses=pauses,
    )


def _clip(edges: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
    """The edges from `start` to `stop`, both included, counted from `start`."""
    return np.unique(np.clip(edges, start, stop)) - start
