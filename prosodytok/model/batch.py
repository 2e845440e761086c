"""Utterances side by side: padded frames for the network, and ragged units that need no padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from prosodytok.features.normalize import Register, normalize
from prosodytok.model.timing import phrase_timing, word_timing
from prosodytok.prosody import Prosody
from prosodytok.segmentation.hierarchy import FRAMES_PER_CELL, Hierarchy, Segmentation
from prosodytok.tokens.types import LEVELS

#: Numbers that tell a frame where it stands in a unit (see `_place`).
PLACE_DIM = 3


@dataclass(frozen=True)
class Example:
    """One utterance as the network takes it.

    Parameters
    ----------
    prosody : Prosody
        What the voice did.
    hierarchy : Hierarchy
        Its words and phrases.
    register : Register
        The voice to take away.
    ssl : (S, D) float32, optional
        Self-supervised embeddings, one for each network step.
    """

    prosody: Prosody
    hierarchy: Hierarchy
    register: Register
    ssl: NDArray[np.floating[Any]] | None = None


@dataclass(frozen=True)
class UnitMap:
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
    counts : tuple of int
        Units of each utterance.
    steps_per_row : int
        Steps S of each utterance, padding included.
    """

    unit: Tensor
    step: Tensor
    unit_share: Tensor
    step_share: Tensor
    way: Tensor
    unit_of_frame: Tensor
    counts: tuple[int, ...]
    steps_per_row: int

    @property
    def num_units(self) -> int:
        """Units of the whole batch, M."""
        return sum(self.counts)

    def pool(self, steps: Tensor, shapes: int = 1) -> Tensor:
        """Moments of the steps (B, S, D) over each unit: (M, shapes * D).

        The first is the mean; the k-th weighs the way w through the unit by cos(pi k w), so that
        together they tell the course of a feature within the unit (its first DCT coefficients).
        """
        flat = steps.reshape(-1, steps.shape[-1])
        atoms = flat.index_select(0, self.step) * self.unit_share[:, None]
        course = torch.cos(torch.pi * self.way * torch.arange(shapes)[:, None].to(flat))
        moments = [
            atoms.new_zeros(self.num_units, flat.shape[1]).index_add(
                0, self.unit, atoms * w[:, None]
            )
            for w in course
        ]
        return torch.cat(moments, dim=1)

    def expand(self, units: Tensor, batch: int) -> Tensor:
        """Spread units (M, D) over the steps that they cover: (B, S, D)."""
        atoms = units.index_select(0, self.unit) * self.step_share[:, None]
        size = self.steps_per_row * batch
        return (
            atoms.new_zeros(size, units.shape[1])
            .index_add(0, self.step, atoms)
            .view(batch, self.steps_per_row, -1)
        )

    def repeat(self, count: int) -> UnitMap:
        """The same units once more for each of `count` copies of the utterances."""
        return replace(
            self,
            unit=_shifted(self.unit, count, self.num_units),
            step=_shifted(self.step, count, self.steps_per_row * len(self.counts)),
            unit_share=self.unit_share.repeat(count),
            step_share=self.step_share.repeat(count),
            way=self.way.repeat(count),
            unit_of_frame=_shifted(self.unit_of_frame, count, self.num_units),
            counts=self.counts * count,
        )


@dataclass(frozen=True)
class Layout:
    """Where the units of a batch lie in time: all that a decoder knows besides codes and registers.

    Parameters
    ----------
    mask : (B, S, 1) float32
        1 on network steps inside the utterance, 0 on padding.
    places : (B, S, patch * 3 * 3) float32
        For each frame of a step and each level, the frame's place in its unit.
    maps : dict of str to UnitMap
        The units of each level.
    parent : (M_word,) int64
        The phrase of each word.
    num_frames : tuple of int
        Frames of each utterance.
    """

    mask: Tensor
    places: Tensor
    maps: dict[str, UnitMap]
    parent: Tensor
    num_frames: tuple[int, ...]

    @classmethod
    def of(cls, hierarchies: Sequence[Hierarchy], patch: int) -> Layout:
        """Lay out utterances by their hierarchies, padded to the longest."""
        num_frames = tuple(h.words.num_frames for h in hierarchies)
        steps = -(-max(num_frames) // FRAMES_PER_CELL) * FRAMES_PER_CELL // patch
        mask = np.zeros((len(hierarchies), steps, 1), dtype=np.float32)
        places = np.zeros((len(hierarchies), steps * patch, len(LEVELS), PLACE_DIM), np.float32)
        segmentations = [segmentations_of(h) for h in hierarchies]
        for row, frames in enumerate(num_frames):
            mask[row, : -(-frames // patch)] = 1
            for column, name in enumerate(LEVELS):
                places[row, :frames, column] = _place(segmentations[row][name])
        maps = {name: _unit_map([s[name] for s in segmentations], steps, patch) for name in LEVELS}
        return cls(
            torch.from_numpy(mask),
            torch.from_numpy(places.reshape(len(hierarchies), steps, -1)),
            maps,
            torch.from_numpy(_parents(hierarchies)),
            num_frames,
        )

    def course(self, name: str, cosines: int) -> list[Tensor]:
        """Cosines over the way through each unit of a level, (B, T) each: 1, cos w, cos 2w, ..."""
        places = self.places.view(len(self.num_frames), -1, len(LEVELS), PLACE_DIM)
        way = places[:, :, LEVELS.index(name), 1]
        course = [torch.ones_like(way), way]
        while len(course) < cosines:
            course.append(2 * way * course[-1] - course[-2])  # Chebyshev's recursion
        return course[:cosines]

    def repeat(self, count: int) -> Layout:
        """The layout of `count` copies of the utterances."""
        phrases = self.maps["phrase"].num_units
        return Layout(
            self.mask.repeat(count, 1, 1),
            self.places.repeat(count, 1, 1),
            {name: units.repeat(count) for name, units in self.maps.items()},
            _shifted(self.parent, count, phrases),
            self.num_frames * count,
        )


def segmentations_of(hierarchy: Hierarchy) -> dict[str, Segmentation]:
    """The units of each level by its name; frame tokens stand on the fixed grid."""
    grid = Segmentation.grid(hierarchy.words.num_frames)
    return {"phrase": hierarchy.phrases, "word": hierarchy.words, "frame": grid}


@dataclass(frozen=True)
class Batch:
    """Utterances for training or encoding.

    Parameters
    ----------
    frames : (B, S, patch * 3) float32
        Normalised F0, voicing and energy.
    layout : Layout
        The units.
    ssl : (B, S, D) float32, optional
        Self-supervised embeddings.
    registers : tuple of Register
        One for each utterance.
    word_timing : (M_word,) float32
        What `Decoded.word_timing` should be.
    phrase_timing : (M_phrase, 2) float32
        What `Decoded.phrase_timing` should be.
    """

    frames: Tensor
    layout: Layout
    ssl: Tensor | None
    registers: tuple[Register, ...]
    word_timing: Tensor
    phrase_timing: Tensor

    @property
    def streams(self) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised F0, voicing and energy, (B, T) each, T padded."""
        f0, voiced, energy = self.frames.reshape(len(self.registers), -1, 3).unbind(-1)
        return f0, voiced, energy

    @property
    def inside(self) -> Tensor:
        """1 on frames of the utterances, 0 on padding: (B, T) float32."""
        steps = self.frames.shape[1] * self.frames.shape[2] // 3
        lengths = self.frames.new_tensor(self.layout.num_frames)
        return (torch.arange(steps, device=lengths.device) < lengths[:, None]).float()

    def to(self, device: torch.device | str) -> Batch:
        """Move every tensor to a device."""
        return replace(self, **{f.name: _move(getattr(self, f.name), device) for f in fields(self)})

    @classmethod
    def of(cls, examples: Sequence[Example], patch: int) -> Batch:
        """Collate utterances, padding their ends with zeros."""
        layout = Layout.of([e.hierarchy for e in examples], patch)
        batch, steps, _ = layout.mask.shape
        frames = np.zeros((batch, steps * patch, 3), dtype=np.float32)
        for row, example in enumerate(examples):
            frames[row, : example.prosody.num_frames] = normalize(example.prosody, example.register)
        return cls(
            torch.from_numpy(frames.reshape(batch, steps, -1)),
            layout,
            _stack_ssl(examples, steps),
            tuple(e.register for e in examples),
            torch.from_numpy(
                np.concatenate([word_timing(e.hierarchy, e.register) for e in examples])
            ),
            torch.from_numpy(
                np.concatenate(
                    [phrase_timing(e.prosody, e.hierarchy, e.register) for e in examples]
                )
            ),
        )


def batches_by_length(lengths: NDArray[np.int64], batch_frames: int) -> list[slice]:
    """Cut utterances, sorted by length, into runs that take at most `batch_frames` when padded."""
    chunks, start = [], 0
    for end in range(1, len(lengths) + 1):
        full = end == len(lengths) or (end + 1 - start) * lengths[end] > batch_frames
        if full:
            chunks.append(slice(start, end))
            start = end
    return chunks


def _shifted(indices: Tensor, count: int, by: int) -> Tensor:
    """Copies of indices (A,), each shifted on: (count * A,)."""
    return (indices + by * torch.arange(count, device=indices.device)[:, None]).flatten()


def _move(item: Any, device: torch.device | str) -> Any:
    if isinstance(item, Tensor):
        return item.to(device)
    if isinstance(item, dict):
        return {key: _move(value, device) for key, value in item.items()}
    if isinstance(item, UnitMap | Layout):
        return replace(item, **{f.name: _move(getattr(item, f.name), device) for f in fields(item)})
    return item


def _stack_ssl(examples: Sequence[Example], steps: int) -> Tensor | None:
    if examples[0].ssl is None:
        return None
    dim = examples[0].ssl.shape[1]
    stacked = np.zeros((len(examples), steps, dim), dtype=np.float32)
    for row, example in enumerate(examples):
        assert example.ssl is not None
        stacked[row, : len(example.ssl)] = example.ssl
    return torch.from_numpy(stacked)


def _place(segmentation: Segmentation) -> NDArray[np.float32]:
    """Where each frame stands in its unit: sine and cosine of the way through, and its length."""
    unit = segmentation.unit_of_frame
    duration = segmentation.durations[unit]
    way = (np.arange(unit.size) - segmentation.boundaries[unit] + 0.5) / duration
    length = np.log2(duration / 32.0)  # about 0 for a word
    return np.stack([np.sin(np.pi * way), np.cos(np.pi * way), length], axis=1).astype(np.float32)


def _unit_map(segmentations: Sequence[Segmentation], steps: int, patch: int) -> UnitMap:
    unit, step, unit_share, step_share, way = [], [], [], [], []
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
        counts.append(len(segmentation))
    return UnitMap(
        torch.from_numpy(np.concatenate(unit)),
        torch.from_numpy(np.concatenate(step)),
        torch.from_numpy(np.concatenate(unit_share).astype(np.float32)),
        torch.from_numpy(np.concatenate(step_share).astype(np.float32)),
        torch.from_numpy(np.concatenate(way).astype(np.float32)),
        torch.from_numpy(unit_of_frame.ravel()),
        tuple(counts),
        steps,
    )


def _parents(hierarchies: Sequence[Hierarchy]) -> NDArray[np.int64]:
    parents, phrases = [], 0
    for hierarchy in hierarchies:
        parents.append(hierarchy.phrases.unit_at(hierarchy.words.boundaries[:-1]) + phrases)
        phrases += len(hierarchy.phrases)
    return np.concatenate(parents)
