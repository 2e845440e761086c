"""Where the units of utterances lie in time, as arrays: NumPy's here, torch's in `model.batch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Hierarchy, Segmentation
from prosodytok.types.tokens import LEVELS

#: Numbers that tell a frame where it stands in a unit (see `_place`).
PLACE_DIM = 3

#: NumPy's arrays, or torch's tensors.
Array = TypeVar("Array")


@dataclass(frozen=True)
class UnitArrays(Generic[Array]):
    """Which unit overlaps which network step, and by how much, for all utterances of a batch.

    The union of unit edges and step edges cuts time into atoms; each lies in one unit and one step.
    Sums over atoms pool steps into units and spread units over steps in linear time and memory.

    Parameters
    ----------
    unit, step : (A,) int64
        Unit and (flattened) step of each atom.
    unit_share, step_share : (A,) float32
        The part of its unit, and of its step, that an atom is.
    way : (A,) float32
        How far through its unit an atom's middle lies, from 0 to 1.
    unit_of_frame : (B * T,) int64
        Unit that holds each frame; padding frames name the first of their utterance.
    index, start, end : (M,) int64
        Of each unit: which of its utterance's it is; its (flattened) first frame, and the one after
        its last.
    counts : tuple of int
        Units of each utterance.
    steps_per_row : int
        Steps S of each utterance, padding included.
    """

    unit: Array
    step: Array
    unit_share: Array
    step_share: Array
    way: Array
    unit_of_frame: Array
    index: Array
    start: Array
    end: Array
    counts: tuple[int, ...]
    steps_per_row: int


@dataclass(frozen=True)
class LayoutArrays(Generic[Array]):
    """Where the units of a batch lie in time: all that a decoder knows besides codes and registers.

    Parameters
    ----------
    mask : (B, S, 1) float32
        1 on network steps inside the utterance, 0 on padding.
    places : (B, S, patch * 3 * 3) float32
        For each frame of a step and each level, the frame's place in its unit.
    maps : mapping of str to UnitArrays
        The units of each level.
    parent : (M_word,) int64
        The phrase of each word.
    num_frames : (B,) int64
        Frames of each utterance.
    """

    mask: Array
    places: Array
    maps: Mapping[str, UnitArrays[Array]]
    parent: Array
    num_frames: Array


def lay_out(hierarchies: Sequence[Hierarchy], patch: int) -> LayoutArrays[NDArray[Any]]:
    """Lay out utterances by their hierarchies, padded to the longest."""
    num_frames = np.array([h.words.num_frames for h in hierarchies])
    steps = -(-num_frames.max() // FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN // patch
    mask = np.zeros((len(hierarchies), steps, 1), dtype=np.float32)
    places = np.zeros((len(hierarchies), steps * patch, len(LEVELS), PLACE_DIM), np.float32)
    segmentations = [segmentations_of(h) for h in hierarchies]
    for row, frames in enumerate(num_frames):
        mask[row, : -(-frames // patch)] = 1
        for column, name in enumerate(LEVELS):
            places[row, :frames, column] = _place(segmentations[row][name])
    return LayoutArrays(
        mask,
        places.reshape(len(hierarchies), steps, -1),
        {name: _units([s[name] for s in segmentations], int(steps), patch) for name in LEVELS},
        _parents(hierarchies),
        num_frames,
    )


def segmentations_of(hierarchy: Hierarchy) -> dict[str, Segmentation]:
    """The units of each level by its name; frame tokens stand on the fixed grid."""
    grid = Segmentation.grid(hierarchy.words.num_frames)
    return {"phrase": hierarchy.phrases, "word": hierarchy.words, "frame": grid}


def field_values(item: Any) -> dict[str, Any]:
    """The fields of a dataclass by their names, as they are."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _place(segmentation: Segmentation) -> NDArray[np.float32]:
    """Where each frame stands in its unit: sine and cosine of the way through, and its length."""
    unit = segmentation.unit_of_frame
    duration = segmentation.durations[unit]
    way = (np.arange(unit.size) - segmentation.boundaries[unit] + 0.5) / duration
    length = np.log2(duration / 32.0)  # about 0 for a word
    return np.stack([np.sin(np.pi * way), np.cos(np.pi * way), length], axis=1).astype(np.float32)


def _units(
    segmentations: Sequence[Segmentation], steps: int, patch: int
) -> UnitArrays[NDArray[Any]]:
    unit, step, unit_share, step_share, way = [], [], [], [], []
    index, start, end = [], [], []
    unit_of_frame = np.zeros((len(segmentations), steps * patch), dtype=np.int64)
    counts: list[int] = []
    for row, segmentation in enumerate(segmentations):
        frames = segmentation.num_frames
        edges = np.union1d(segmentation.boundaries, np.arange(0, frames, patch))
        length = np.diff(edges)
        own = segmentation.unit_at(edges[:-1])
        unit.append(own + sum(counts))
        step.append(edges[:-1] // patch + row * steps)
        unit_share.append(length / segmentation.durations[own])
        step_share.append(length / patch)
        middle = edges[:-1] + length / 2
        way.append((middle - segmentation.boundaries[own]) / segmentation.durations[own])
        unit_of_frame[row] = sum(counts)  # padding too: what others' units say must not get there
        unit_of_frame[row, :frames] += segmentation.unit_of_frame
        index.append(np.arange(len(segmentation)))
        start.append(segmentation.boundaries[:-1] + row * steps * patch)
        end.append(segmentation.boundaries[1:] + row * steps * patch)
        counts.append(len(segmentation))
    return UnitArrays(
        np.concatenate(unit),
        np.concatenate(step),
        np.concatenate(unit_share).astype(np.float32),
        np.concatenate(step_share).astype(np.float32),
        np.concatenate(way).astype(np.float32),
        unit_of_frame.ravel(),
        np.concatenate(index),
        np.concatenate(start),
        np.concatenate(end),
        tuple(counts),
        steps,
    )


def _parents(hierarchies: Sequence[Hierarchy]) -> NDArray[np.int64]:
    parents, phrases = [], 0
    for hierarchy in hierarchies:
        parents.append(hierarchy.phrases.unit_at(hierarchy.words.boundaries[:-1]) + phrases)
        phrases += len(hierarchy.phrases)
    return np.concatenate(parents)
