"""The encoder over whole utterances: features of network steps, pooled into units by level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from prosodytok.nn.batch import NUM_CHANNELS
from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.decoder import Coarse, Decoder
from prosodytok.nn.f0_shapes import ShapeQuantizer, shape_sums
from prosodytok.nn.layers import Stack
from prosodytok.nn.layout import PLACE_DIM
from prosodytok.nn.quantizer import LevelQuantizer, Quantizer
from prosodytok.nn.tensors import TensorBatch, expand, pool, with_noise
from prosodytok.nn.unit_level import UnitLevel
from prosodytok.types.tokens import LEVELS

#: Chooses the codes (M, K) of a level: takes its name, its units (M, D), the embeddings of coarser
#: levels and their decoded streams (None before the frame level).
Choose = Callable[[str, Tensor, dict[str, Tensor], Coarse | None], Tensor]


@dataclass(frozen=True)
class Encoded:
    """Encoder output.

    Parameters
    ----------
    embeddings, codes, commitment : dict of str to Tensor
        For each level: units (M, D), codes (M, K), commitment loss ().
    coarse : Coarse
        Decoding of the phrase and word codes.
    """

    embeddings: dict[str, Tensor]
    codes: dict[str, Tensor]
    commitment: dict[str, Tensor]
    coarse: Coarse


@dataclass(frozen=True)
class LevelContext:
    """Inputs of a level besides the batch, where the encoder has them.

    Parameters
    ----------
    features : (B, S, D) float32
        Features of network steps.
    coarser : (B, S, D) float32
        Sum of the embeddings of the coarser levels, spread over the steps.
    """

    features: Tensor
    coarser: Tensor


class Level(Protocol):
    """A level of an encoder: makes the units that its quantizer quantizes."""

    quantizer: Quantizer

    def __call__(self, batch: TensorBatch, context: LevelContext | None = None) -> Tensor:
        """Units (M, .) of a batch."""


class PooledLevel(nn.Module):
    """Features minus those of coarser levels, pooled over the level's units."""

    def __init__(self, dim: int, config: LevelConfig, trainable: bool = False) -> None:
        super().__init__()
        self.name, self.moments = config.name, config.moments
        self.said = nn.Linear(dim, dim)  # of the coarser embeddings; the name is in checkpoints
        self.stack = Stack(dim, config.dilations)
        self.join = nn.Linear(config.moments * dim, dim)
        self.quantizer = LevelQuantizer(dim, config, trainable)

    def forward(self, batch: TensorBatch, context: LevelContext | None = None) -> Tensor:
        """Units (M, D): cosine moments of the residual features."""
        assert context is not None
        x = self.stack(context.features + self.said(context.coarser), batch.layout.mask)
        return self.join(pool(batch.layout.maps[self.name], x, self.moments))  # type: ignore[no-any-return]


class ShapeLevel(nn.Module):
    """A level of F0 shapes, which are fitted to the signal and not to features."""

    def __init__(self, dim: int, config: LevelConfig, trainable: bool = False) -> None:
        del trainable  # its codebook is fitted before training, and the same in both
        super().__init__()
        self.name, self.count = config.name, config.f0_shape_cosines
        self.quantizer = ShapeQuantizer(dim, config)

    def forward(self, batch: TensorBatch, context: LevelContext | None = None) -> Tensor:
        """Units (M, 1 + J + J * J): see `shape_sums`. The context is not used."""
        del context
        return shape_sums(batch, self.name, self.count)


class Encoder(nn.Module):
    """Coarse-to-fine encoder: each level encodes the residual of the coarser ones."""

    #: Precision of a loaded checkpoint.
    dtype = torch.float32

    def __init__(self, config: ModelConfig, trainable: bool = False) -> None:
        super().__init__()
        places = config.patch * len(LEVELS) * PLACE_DIM
        self.input = nn.Linear(config.patch * NUM_CHANNELS + places, config.dim)
        self.left = nn.Linear(config.patch * 2 * NUM_CHANNELS, config.dim)
        self.ssl = nn.Linear(config.ssl_dim, config.dim) if config.ssl_dim else None
        self.stack = Stack(config.dim, config.encoder_dilations)
        self.levels = nn.ModuleDict(
            {c.name: _level_class(c)(config.dim, c, trainable) for c in config.levels}
        )

    def forward(
        self,
        batch: TensorBatch,
        decoder: Decoder,
        present: Tensor | None = None,
        choose: Choose | None = None,
    ) -> Encoded:
        """Encode a batch; see `ProsodyNetwork.encode`."""
        layout = batch.layout
        features = self.features(batch)
        coarser, coarse = torch.zeros_like(features), None
        embeddings: dict[str, Tensor] = {}
        codes: dict[str, Tensor] = {}
        commitment: dict[str, Tensor] = {}
        for name in LEVELS:
            if name == "frame":
                coarse = decoder.coarse(embeddings, layout, present)
                features = features + self.remainder(batch, coarse.channels)
            level = cast(Level, self.levels[name])
            units = level(batch, LevelContext(features, coarser))
            chosen = choose(name, units, embeddings, coarse) if choose else None
            embedding, codes[name], commitment[name] = quantize(level.quantizer, units, chosen)
            embeddings[name] = embedding
            coarser = coarser + expand(layout.maps[name], embedding, features.shape[0])
        assert coarse is not None
        return Encoded(embeddings, codes, commitment, coarse)

    def features(self, batch: TensorBatch) -> Tensor:
        """Features (B, S, D) of network steps."""
        x = self.input(torch.cat([batch.frames, batch.layout.places], dim=-1))
        if self.ssl is not None:
            x = x + self.ssl(batch.ssl)
        return self.stack(x, batch.layout.mask)  # type: ignore[no-any-return]

    def remainder(self, batch: TensorBatch, coarse: Tensor) -> Tensor:
        """Features (B, S, D) of the decoding of phrases and words (B, T, 3), and of its error.

        Closed-loop coding: the frame level encodes the measured residual.
        """
        f0, voicing, energy = coarse.detach().unbind(-1)
        decoded = torch.stack([f0, voicing.sigmoid(), with_noise(batch, energy)], dim=-1)
        residual = batch.frames.view(decoded.shape) - decoded
        steps = torch.cat([decoded, residual], dim=-1).view(*batch.frames.shape[:2], -1)
        return self.left(steps * batch.layout.mask)  # type: ignore[no-any-return]


def _level_class(config: LevelConfig) -> type[PooledLevel | ShapeLevel | UnitLevel]:
    if config.own_time:
        return UnitLevel
    return ShapeLevel if config.f0_shape_cosines else PooledLevel


def quantize(
    quantizer: Quantizer, units: Tensor, codes: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings, codes and commitment of units (M, D): given codes, or the nearest."""
    if codes is None:
        return quantizer(units)
    return quantizer.embed(codes), codes, quantizer.commitment(units, codes)
