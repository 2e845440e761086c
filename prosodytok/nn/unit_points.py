"""Prosody of units in their own time: the same for a unit wherever it lies in a recording.

The curves of a unit and of what lies around it are averaged over cells that are shares of the unit,
so that neither the frames of the file nor the network's steps appear in the result. NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.units import seconds_to_frames

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PointGrid:
    """Cells in which the curves of a unit are averaged.

    Parameters
    ----------
    inside : int
        Cells of equal length in the unit.
    beside : int
        Cells on each side of it.
    context : float
        Length of the context on each side, in lengths of the unit; at most `MAX_CONTEXT` frames.
    melody : bool
        Whether the encoder's inputs are F0 alone, without voicing, energy and length.
    """

    inside: int
    beside: int = 0
    context: float = 0.0
    melody: bool = False

    @property
    def num_cells(self) -> int:
        """Cells of a unit and its context."""
        return self.inside + 2 * self.beside

    @property
    def own_cells(self) -> slice:
        """The cells inside the unit among all of them."""
        return slice(self.beside, self.beside + self.inside)

    @property
    def num_features(self) -> int:
        """Features F of a unit: three curves, and its length."""
        return 3 * self.num_cells + 1

    @property
    def inputs(self) -> slice:
        """The features that are the encoder's inputs."""
        return slice(0, self.num_features - 1, 3) if self.melody else slice(None)

    def edges(self, start: Floats, end: Floats) -> Floats:
        """Edges of the cells of units (M,) in frames: (M, num_cells + 1)."""
        length = (end - start)[:, None]
        context = np.minimum(self.context * length, MAX_CONTEXT)
        own = np.linspace(0, 1, self.inside + 1) * length
        if not self.beside:
            return start[:, None] + own
        share = np.linspace(0, 1, self.beside + 1)
        before, after = -context * share[:0:-1], length + context * share[1:]
        return np.asarray(start[:, None] + np.concatenate([before, own, after], axis=1))


#: The longest context on each side (frames).
MAX_CONTEXT = seconds_to_frames(0.5)
#: The cells of words and of phrases. Phrases are coded by their melody: in noise and over a
#: telephone it changes least.
GRIDS = {"phrase": PointGrid(24, melody=True), "word": PointGrid(12, beside=6, context=0.5)}
#: Weight of an unvoiced frame, with interpolated F0, in a mean of F0; a voiced one has 1.
UNVOICED_WEIGHT = 0.01
#: Normalised energy is limited to this range: noise lies below it in one recording and not in
#: another.
ENERGY_LIMITS = (-1.0, 0.5)
#: Length (frames) of a unit whose feature is 0.
LENGTH = 32.0


def unit_points(
    frames: NDArray[np.floating[Any]], start: NDArray[Any], end: NDArray[Any], grid: PointGrid
) -> NDArray[np.float32]:
    """Curves of units in their own time.

    Parameters
    ----------
    frames : (T, 3) float
        Normalised F0, voicing and energy; see `types.register.normalize`.
    start, end : (M,) int
        First frame of each unit, and the frame after its last.
    grid : PointGrid
        The cells.

    Returns
    -------
    (M, F) float32
        For each cell the mean F0 of its voiced frames, its share of voicing, and its mean energy;
        0, 0 and the lowest energy beyond the sound. Then log2 of the unit's length over 0.32 s.
    """
    edges = np.clip(grid.edges(start.astype(float), end.astype(float)), 0, len(frames))
    weight = frames[:, 1] + UNVOICED_WEIGHT
    energy = np.clip(frames[:, 2], *ENERGY_LIMITS)
    columns = [frames[:, 0] * weight, weight, frames[:, 1], energy]
    f0, weights, voicing, energies = (np.diff(_integral(x, edges), axis=1) for x in columns)
    width = np.diff(edges, axis=1)
    inside = width > 1e-6
    width = np.where(inside, width, 1.0)
    points = np.stack(
        [
            np.where(inside, f0 / np.maximum(weights, 1e-9), 0.0),
            np.where(inside, voicing / width, 0.0),
            np.where(inside, energies / width, ENERGY_LIMITS[0]),
        ],
        axis=-1,
    )
    length = np.log2((end - start) / LENGTH)
    flat = points.reshape(len(points), 3 * grid.num_cells)
    return np.concatenate([flat, length[:, None]], axis=1, dtype=np.float32)


def points_of_units(
    frames: NDArray[np.floating[Any]], hierarchy: Hierarchy
) -> dict[str, NDArray[np.float32]]:
    """`unit_points` of the phrases, over their speech, and of the words: (M, F) by level."""
    words = hierarchy.words.boundaries
    spans = {"phrase": hierarchy.speech_of_phrases, "word": (words[:-1], words[1:])}
    return {name: unit_points(frames, *spans[name], GRIDS[name]) for name in spans}


def _integral(curve: NDArray[np.floating[Any]], times: Floats) -> Floats:
    """Integral of a curve (T,), constant in each frame, from 0 to each time (frames)."""
    sums = np.append(0.0, np.cumsum(curve, dtype=np.float64))
    frame = np.minimum(times.astype(np.int64), len(curve) - 1)
    return np.asarray(sums[frame] + (times - frame) * (sums[frame + 1] - sums[frame]))
