"""Batches and layouts in torch: conversion from NumPy, pooling over units, repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from prosodytok.nn.batch import NUM_CHANNELS, Batch, Decoded, Example, collate
from prosodytok.nn.layout import PLACE_DIM, Layout, UnitMap, field_values, lay_out
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.tokens import LEVELS
from prosodytok.types.units import NEPERS

TensorBatch: TypeAlias = Batch[Tensor]
TensorLayout: TypeAlias = Layout[Tensor]
TensorUnits: TypeAlias = UnitMap[Tensor]
TensorDecoded: TypeAlias = Decoded[Tensor]

Item = TypeVar("Item")


def make_batch(
    examples: Sequence[Example], patch: int, device: torch.device | str = "cpu"
) -> TensorBatch:
    """Collate utterances as tensors; see `nn.batch.collate`."""
    batch: TensorBatch = _convert(collate(examples, patch), device)
    return batch


def make_layout(
    hierarchies: Sequence[Hierarchy], patch: int, device: torch.device | str = "cpu"
) -> TensorLayout:
    """Lay out utterances as tensors; see `nn.layout.lay_out`."""
    layout: TensorLayout = _convert(lay_out(hierarchies, patch), device)
    return layout


def move(item: Item, device: torch.device | str) -> Item:
    """A batch or layout with all of its tensors on a device."""
    moved: Item = _convert(item, device)
    return moved


def to_arrays(decoded: TensorDecoded) -> Decoded[NDArray[np.float32]]:
    """Decoder output as NumPy arrays."""
    values = field_values(decoded)
    return Decoded(**{name: x.detach().cpu().numpy() for name, x in values.items()})


def channels(batch: TensorBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Normalised F0, voicing and energy, (B, T) each, T padded."""
    f0, voiced, energy = batch.frames.reshape(batch.frames.shape[0], -1, NUM_CHANNELS).unbind(-1)
    return f0, voiced, energy


def frame_mask(batch: TensorBatch) -> Tensor:
    """1 on frames of the utterances, 0 on padding: (B, T) float32."""
    lengths = batch.layout.num_frames[:, None]
    frames = batch.frames.shape[1] * batch.frames.shape[2] // NUM_CHANNELS
    return (torch.arange(frames, device=lengths.device) < lengths).float()


def with_noise(batch: TensorBatch, energy: Tensor) -> Tensor:
    """Normalised energy (..., B, T) of decoded speech and the recording's noise together."""
    neper = batch.scale[:, 1:] * float(NEPERS)
    noise = batch.noise[:, None]
    return energy + F.softplus((noise - energy) * neper) / neper


def num_units(units: TensorUnits) -> int:
    """Units of the whole batch, M."""
    return units.index.shape[0]


def pool(units: TensorUnits, steps: Tensor, moments: int = 1) -> Tensor:
    """Cosine moments of the steps (B, S, D) over each unit: (M, moments * D).

    The first is the mean; the k-th weighs the position w in the unit by cos(pi k w). They are the
    first DCT coefficients of each feature within the unit.
    """
    flat = steps.reshape(-1, steps.shape[-1])
    atoms = flat.index_select(0, units.step) * units.unit_share[:, None]
    weights = torch.cos(torch.pi * units.position * torch.arange(moments)[:, None].to(flat))
    empty = atoms.new_zeros(num_units(units), flat.shape[1])
    pooled = [empty.index_add(0, units.unit, atoms * weight[:, None]) for weight in weights]
    return torch.cat(pooled, dim=1)


def expand(units: TensorUnits, vectors: Tensor, batch: int) -> Tensor:
    """Spread the units' vectors (M, D) over the steps that they cover: (B, S, D)."""
    atoms = vectors.index_select(0, units.unit) * units.step_share[:, None]
    flat = atoms.new_zeros(units.steps_per_row * batch, vectors.shape[1])
    return flat.index_add(0, units.step, atoms).view(batch, units.steps_per_row, -1)


def cosines(layout: TensorLayout, level: str, count: int) -> list[Tensor]:
    """Cosines of each frame's position w in its unit, (B, T) each: 1, cos pi w, cos 2 pi w, ..."""
    places = layout.places.view(layout.places.shape[0], -1, len(LEVELS), PLACE_DIM)
    cosine = places[:, :, LEVELS.index(level), 1]
    found = [torch.ones_like(cosine), cosine]
    while len(found) < count:
        found.append(2 * cosine * found[-1] - found[-2])  # Chebyshev's recursion
    return found[:count]


def repeat_layout(layout: TensorLayout, count: int) -> TensorLayout:
    """The layout of `count` copies of the utterances."""
    batch = layout.mask.shape[0]
    return Layout(
        layout.mask.repeat(count, 1, 1),
        layout.places.repeat(count, 1, 1),
        {name: _repeat_units(units, count, batch) for name, units in layout.maps.items()},
        _shifted(layout.parent, count, num_units(layout.maps["phrase"])),
        layout.num_frames.repeat(count),
    )


def _repeat_units(units: TensorUnits, count: int, batch: int) -> TensorUnits:
    frames, total = units.unit_of_frame.shape[0], num_units(units)
    return replace(
        units,
        unit=_shifted(units.unit, count, total),
        step=_shifted(units.step, count, units.steps_per_row * batch),
        unit_share=units.unit_share.repeat(count),
        step_share=units.step_share.repeat(count),
        position=units.position.repeat(count),
        unit_of_frame=_shifted(units.unit_of_frame, count, total),
        index=units.index.repeat(count),
        start=_shifted(units.start, count, frames),
        end=_shifted(units.end, count, frames),
        counts=units.counts * count,
    )


def _shifted(indices: Tensor, count: int, by: int) -> Tensor:
    """Copies of indices (A,), each shifted by a further `by`: (count * A,)."""
    return (indices + by * torch.arange(count, device=indices.device)[:, None]).flatten()


def _convert(item: Any, device: torch.device | str) -> Any:
    """Every array and tensor in nested dataclasses and mappings as a tensor on a device."""
    if isinstance(item, np.ndarray):
        item = torch.from_numpy(item)
    if isinstance(item, Tensor):
        return item.to(device)
    if isinstance(item, dict):
        return {key: _convert(value, device) for key, value in item.items()}
    if isinstance(item, UnitMap | Layout | Batch):
        return replace(item, **{k: _convert(v, device) for k, v in field_values(item).items()})
    return item
