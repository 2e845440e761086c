"""From prosody to what there is to quantize: features of network steps, pooled into units."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.f0_shapes import ShapeQuantizer, shape_sums
from prosodytok.nn.layers import Stack
from prosodytok.nn.layout import PLACE_DIM
from prosodytok.nn.quantizer import LevelQuantizer
from prosodytok.nn.tensors import Batch
from prosodytok.types.tokens import LEVELS

#: F0, voicing and energy.
STREAMS = 3


class Level(nn.Module):
    """One level: features less what coarser levels have said, pooled over the level's units."""

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.name = config.name
        self.said = nn.Linear(dim, dim)
        self.stack = Stack(dim, config.dilations)
        self.shapes = config.shapes
        self.join = nn.Linear(config.shapes * dim, dim)
        self.quantizer = LevelQuantizer(dim, config)

    def forward(self, batch: Batch, x: Tensor, said: Tensor) -> Tensor:
        """Pool what of features (B, S, D) is not `said` (B, S, D) into units (M, D)."""
        x = self.stack(x + self.said(said), batch.layout.mask)
        return self.join(batch.layout.maps[self.name].pool(x, self.shapes))  # type: ignore[no-any-return]


class ShapeLevel(nn.Module):
    """A level of F0 shapes, which are found in the signal and not in features of it."""

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.name, self.cosines = config.name, config.cosines
        self.quantizer = ShapeQuantizer(dim, config)

    def forward(self, batch: Batch, x: Tensor, said: Tensor) -> Tensor:
        """Sum up the frames of each unit (see `shape_sums`); features have no part in it."""
        del x, said
        return shape_sums(batch, self.name, self.cosines)


class Encoder(nn.Module):
    """Features of network steps, and the levels that pool them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        places = config.patch * len(LEVELS) * PLACE_DIM
        self.input = nn.Linear(config.patch * STREAMS + places, config.dim)
        self.left = nn.Linear(config.patch * 2 * STREAMS, config.dim)
        self.ssl = nn.Linear(config.ssl_dim, config.dim) if config.ssl_dim else None
        self.stack = Stack(config.dim, config.encoder_dilations)
        self.levels = nn.ModuleDict(
            {c.name: (ShapeLevel if c.cosines else Level)(config.dim, c) for c in config.levels}
        )

    def forward(self, batch: Batch) -> Tensor:
        """Features (B, S, D) of a batch."""
        x = self.input(torch.cat([batch.frames, batch.layout.places], dim=-1))
        if self.ssl is not None:
            x = x + self.ssl(batch.ssl)
        return self.stack(x, batch.layout.mask)  # type: ignore[no-any-return]

    def remainder(self, batch: Batch, coarse: Tensor) -> Tensor:
        """Features (B, S, D) of what phrases and words alone decode to, and of what they miss.

        Closed-loop coding: the frame level is told what is left to say, and needs not guess it.
        """
        f0, voicing, energy = coarse.detach().unbind(-1)
        said = torch.stack([f0, voicing.sigmoid(), energy], dim=-1)
        missed = batch.frames.view(said.shape) - said
        steps = torch.cat([said, missed], dim=-1).view(*batch.frames.shape[:2], -1)
        return self.left(steps * batch.layout.mask)  # type: ignore[no-any-return]
