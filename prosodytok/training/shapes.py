"""Before training: the F0 shapes of levels that have them (see `model.shapes`)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from prosodytok.nn.f0_shapes import ShapeQuantizer, shape_sums
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch
from prosodytok.training.data import CachedUtterance

#: Utterances whose units are summed up side by side.
AT_ONCE = 16


def fit_shapes(network: ProsodyNetwork, utterances: Sequence[CachedUtterance]) -> None:
    """Find the shapes that have not been found yet, in all units of the training speech."""
    for level in network.config.levels:
        quantizer = network.quantizer(level.name)
        if isinstance(quantizer, ShapeQuantizer) and not quantizer.shapes.any():
            units, weights = _units(
                utterances, level.name, level.f0_shape_cosines, network.config.patch
            )
            quantizer.fit(units, weights)


def _units(
    utterances: Sequence[CachedUtterance], name: str, cosines: int, patch: int
) -> tuple[Tensor, Tensor]:
    """Sums of all units of a level, and what a squared spread weighs in each: semitones."""
    units, weights = [], []
    for start in range(0, len(utterances), AT_ONCE):
        batch = make_batch([u.example() for u in utterances[start : start + AT_ONCE]], patch)
        units.append(shape_sums(batch, name, cosines))
        spread = torch.tensor([register.f0_spread_st for register in batch.registers])
        counts = torch.tensor(batch.layout.maps[name].counts)
        weights.append(spread.square().repeat_interleave(counts))
    return torch.cat(units), torch.cat(weights)
