"""The units of a batch in time. NumPy alone; `nn.tensors` computes with the same in torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Hierarchy, Segmentation
from prosodytok.types.tokens import LEVELS

#: Dimension of a frame's positional encoding in a unit (see `_places`).
PLACE_DIM = 3

#: NumPy arrays, or torch tensors.
Array = TypeVar("Array")


@dataclass(frozen=True)
class UnitMap(Generic[Array]):
    """The overlaps of units and network steps, for all utterances of a batch.

    The union of unit edges and step edges divides time into atoms; each lies in one unit and one
    step. Sums over atoms pool steps into units and spread units over steps in linear time and
    memory (`tensors.pool` and `tensors.expand`).

    Parameters
    ----------
    unit, step : (A,) int64
        Unit and (flattened) step of each atom.
    unit_share, step_share : (A,) float32
        The share of its unit, and of its step, that an atom takes; pauses around a phrase take none
        of it.
    position : (A,) float32
        Relative position of an atom's middle in its unit, from 0 to 1.
    unit_of_frame : (B * T,) int64
        Unit of each frame; padding frames have the first unit of their utterance.
    index, start, end : (M,) int64
        For each unit: its index in its utterance; its (flattened) first frame, and the frame after
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
    position: Array
    unit_of_frame: Array
    index: Array
    start: Array
    end: Array
    counts: tuple[int, ...]
    steps_per_row: int


@dataclass(frozen=True)
class Layout(Generic[Array]):
    """The units of a batch in time, the decoder's only input besides codes and registers.

    Parameters
    ----------
    mask : (B, S, 1) float32
        1 on network steps inside the utterance, 0 on padding.
    places : (B, S, patch * 3 * 3) float32
        For each frame of a step and each level, the frame's positional encoding in its unit.
    maps : mapping of str to UnitMap
        The units of each level.
    parent : (M_word,) int64
        The phrase of each word.
    num_frames : (B,) int64
        Frames of each utterance.
    """

    mask: Array
    places: Array
    maps: Mapping[str, UnitMap[Array]]
    parent: Array
    num_frames: Array


def lay_out(hierarchies: Sequence[Hierarchy], patch: int) -> Layout[NDArray[Any]]:
    """Lay out utterances by their hierarchies, padded to the longest; `patch` frames are a step."""
    num_frames = np.array([h.words.num_frames for h in hierarchies])
    steps = -(-num_frames.max() // FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN // patch
    mask = np.zeros((len(hierarchies), steps, 1), dtype=np.float32)
    places = np.zeros((len(hierarchies), steps * patch, len(LEVELS), PLACE_DIM), np.float32)
    spans = [_level_spans(h) for h in hierarchies]
    for row, frames in enumerate(num_frames):
        mask[row, : -(-frames // patch)] = 1
        for column, name in enumerate(LEVELS):
            places[row, :frames, column] = _places(spans[row][name])
    return Layout(
        mask,
        places.reshape(len(hierarchies), steps, -1),
        {name: _unit_map([s[name] for s in spans], int(steps), patch) for name in LEVELS},
        _parents(hierarchies),
        num_frames,
    )


def level_segmentations(hierarchy: Hierarchy) -> dict[str, Segmentation]:
    """The units of each level by its name; frame tokens lie on the fixed grid."""
    grid = Segmentation.grid(hierarchy.words.num_frames)
    return {"phrase": hierarchy.phrases, "word": hierarchy.words, "frame": grid}


def field_values(item: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, not copied."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


@dataclass(frozen=True)
class _Spans:
    """Units, and the part of each over which it is laid out: start and end, (N,) frames."""

    units: Segmentation
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def position(self, frames: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Relative position of each time (frames) in the part of its unit, from 0 to 1."""
        unit = self.units.unit_at(frames)
        return np.clip((frames - self.start[unit]) / (self.end - self.start)[unit], 0.0, 1.0)


def _level_spans(hierarchy: Hierarchy) -> dict[str, _Spans]:
    """The units of each level; a phrase is laid out over its speech, without pauses around it."""
    spans = {
        name: _Spans(units, units.boundaries[:-1], units.boundaries[1:])
        for name, units in level_segmentations(hierarchy).items()
    }
    return {**spans, "phrase": _Spans(hierarchy.phrases, *hierarchy.speech_of_phrases)}


def _places(spans: _Spans) -> NDArray[np.float32]:
    """Sine and cosine of each frame's position in its unit, and log2 of its length: (T, 3)."""
    unit = spans.units.unit_of_frame
    position = spans.position(np.arange(unit.size) + 0.5)
    length = np.log2((spans.end - spans.start)[unit] / 32.0)  # about 0 for a word
    columns = [np.sin(np.pi * position), np.cos(np.pi * position), length]
    return np.stack(columns, axis=1).astype(np.float32)


def _unit_map(all_spans: Sequence[_Spans], steps: int, patch: int) -> UnitMap[NDArray[Any]]:
    columns: dict[str, list[NDArray[Any]]] = {
        name: []
        for name in (
            "unit",
            "step",
            "unit_share",
            "step_share",
            "position",
            "index",
            "start",
            "end",
        )
    }
    unit_of_frame = np.zeros((len(all_spans), steps * patch), dtype=np.int64)
    counts: list[int] = []
    for row, spans in enumerate(all_spans):
        segmentation = spans.units
        first_unit, first_frame = sum(counts), row * steps * patch
        frames = segmentation.num_frames
        steps_here = np.arange(0, frames, patch)
        edges = np.unique(
            np.concatenate([segmentation.boundaries, spans.start, spans.end, steps_here])
        )
        length = np.diff(edges)
        own = segmentation.unit_at(edges[:-1])
        inside = (edges[:-1] >= spans.start[own]) & (edges[1:] <= spans.end[own])
        columns["unit"].append(own + first_unit)
        columns["step"].append(edges[:-1] // patch + row * steps)
        share = inside * length / (spans.end - spans.start)[own]
        columns["unit_share"].append(share.astype(np.float32))
        columns["step_share"].append((length / patch).astype(np.float32))
        middle = spans.position(edges[:-1] + length / 2)
        columns["position"].append(middle.astype(np.float32))
        # Padding too: no unit of another utterance may reach it.
        unit_of_frame[row] = first_unit
        unit_of_frame[row, :frames] += segmentation.unit_of_frame
        columns["index"].append(np.arange(len(segmentation)))
        columns["start"].append(segmentation.boundaries[:-1] + first_frame)
        columns["end"].append(segmentation.boundaries[1:] + first_frame)
        counts.append(len(segmentation))
    return UnitMap(
        **{name: np.concatenate(parts) for name, parts in columns.items()},
        unit_of_frame=unit_of_frame.ravel(),
        counts=tuple(counts),
        steps_per_row=steps,
    )


def _parents(hierarchies: Sequence[Hierarchy]) -> NDArray[np.int64]:
    parents, phrases = [], 0
    for hierarchy in hierarchies:
        parents.append(hierarchy.phrases.unit_at(hierarchy.words.boundaries[:-1]) + phrases)
        phrases += len(hierarchy.phrases)
    return np.concatenate(parents)
