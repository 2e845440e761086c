"""Utterances side by side, in torch: padded frames, and ragged units that need no padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prosodytok.nn.batch import BatchArrays, Example, collate
from prosodytok.nn.layout import PLACE_DIM, LayoutArrays, UnitArrays, field_values, lay_out
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.tokens import LEVELS


@dataclass(frozen=True)
class UnitMap(UnitArrays[Tensor]):
    """Which unit overlaps which network step, and by how much; see `UnitArrays`."""

    @property
    def num_units(self) -> int:
        """Units of the whole batch, M."""
        return self.index.shape[0]

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

    def repeat(self, count: int, batch: int) -> UnitMap:
        """The same units once more for each of `count` copies of the `batch` utterances."""
        frames = self.unit_of_frame.shape[0]
        return replace(
            self,
            unit=_shifted(self.unit, count, self.num_units),
            step=_shifted(self.step, count, self.steps_per_row * batch),
            unit_share=self.unit_share.repeat(count),
            step_share=self.step_share.repeat(count),
            way=self.way.repeat(count),
            unit_of_frame=_shifted(self.unit_of_frame, count, self.num_units),
            index=self.index.repeat(count),
            start=_shifted(self.start, count, frames),
            end=_shifted(self.end, count, frames),
            counts=self.counts * count,
        )


@dataclass(frozen=True)
class Layout(LayoutArrays[Tensor]):
    """Where the units of a batch lie in time; see `LayoutArrays`."""

    maps: Mapping[str, UnitMap]

    @classmethod
    def of(cls, hierarchies: Sequence[Hierarchy], patch: int) -> Layout:
        """Lay out utterances by their hierarchies, padded to the longest."""
        return cls(**_tensors(lay_out(hierarchies, patch)))

    def to(self, device: torch.device | str) -> Layout:
        """Move every tensor to a device."""
        moved: Layout = _move(self, device)
        return moved

    def course(self, name: str, cosines: int) -> list[Tensor]:
        """Cosines over the way through each unit of a level, (B, T) each: 1, cos w, cos 2w, ..."""
        places = self.places.view(self.places.shape[0], -1, len(LEVELS), PLACE_DIM)
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
            {n: units.repeat(count, self.mask.shape[0]) for n, units in self.maps.items()},
            _shifted(self.parent, count, phrases),
            self.num_frames.repeat(count),
        )


@dataclass(frozen=True)
class Batch(BatchArrays[Tensor]):
    """Utterances for training or encoding; see `BatchArrays`."""

    layout: Layout

    @property
    def streams(self) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised F0, voicing and energy, (B, T) each, T padded."""
        f0, voiced, energy = self.frames.reshape(self.frames.shape[0], -1, 3).unbind(-1)
        return f0, voiced, energy

    @property
    def inside(self) -> Tensor:
        """1 on frames of the utterances, 0 on padding: (B, T) float32."""
        lengths = self.layout.num_frames[:, None]
        frames = self.frames.shape[1] * self.frames.shape[2] // 3
        return (torch.arange(frames, device=lengths.device) < lengths).float()

    def to(self, device: torch.device | str) -> Batch:
        """Move every tensor to a device."""
        moved: Batch = _move(self, device)
        return moved

    @classmethod
    def of(cls, examples: Sequence[Example], patch: int) -> Batch:
        """Collate utterances, padding their ends with zeros."""
        return cls(**_tensors(collate(examples, patch)))


def _shifted(indices: Tensor, count: int, by: int) -> Tensor:
    """Copies of indices (A,), each shifted on: (count * A,)."""
    return (indices + by * torch.arange(count, device=indices.device)[:, None]).flatten()


def _move(item: Any, device: torch.device | str) -> Any:
    if isinstance(item, Tensor):
        return item.to(device)
    if isinstance(item, dict):
        return {key: _move(value, device) for key, value in item.items()}
    if isinstance(item, UnitMap | Layout | Batch):
        return replace(item, **{k: _move(v, device) for k, v in field_values(item).items()})
    return item


def _tensors(arrays: Any) -> dict[str, Any]:
    """The fields of arrays, as tensors that share their memory."""
    return {name: _tensor(value) for name, value in field_values(arrays).items()}


def _tensor(item: Any) -> Any:
    if isinstance(item, np.ndarray):
        return torch.from_numpy(item)
    if isinstance(item, dict):
        return {key: _tensor(value) for key, value in item.items()}
    if isinstance(item, UnitArrays):
        return UnitMap(**_tensors(item))
    if isinstance(item, LayoutArrays):
        return Layout(**_tensors(item))
    return item
