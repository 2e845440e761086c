"""Phrases and words encoded in their own time, into codes that do not depend on the recording.

A unit's code depends on its own curves and those beside it (`nn.unit_points`), not on where the
file begins, on the network's steps or on other codes. `training.unit_codes` fits the encoder and
the codebooks, so that changed copies of a sound keep its codes; the decoder is trained afterwards.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.distortion import perceptual_cost
from prosodytok.nn.quantizer import squared_distances, sum_vectors
from prosodytok.nn.tensors import TensorBatch, TensorDecoded
from prosodytok.nn.unit_points import GRIDS


class UnitEncoder(nn.Module):
    """Points of a unit (M, F), standardised, to a vector (M, d): three layers."""

    mean: Tensor
    scale: Tensor

    def __init__(self, config: LevelConfig) -> None:
        super().__init__()
        grid, hidden = GRIDS[config.name], config.hidden
        self.inputs = grid.inputs
        self.register_buffer("mean", torch.zeros(grid.num_features))
        self.register_buffer("scale", torch.ones(grid.num_features))
        self.layers = three_layers(len(self.mean[grid.inputs]), hidden, config.codebook_dim)

    def forward(self, points: Tensor) -> Tensor:
        """Vectors (M, d) of points (M, F)."""
        standard = (points - self.mean) / self.scale
        return self.layers(standard[:, self.inputs])  # type: ignore[no-any-return]


class UnitLevel(nn.Module):
    """A level of units in their own time; its encoder and its codebooks are fitted beforehand."""

    def __init__(self, dim: int, config: LevelConfig, trainable: bool = False) -> None:
        del trainable  # only the quantizer's projection is trained with the network
        super().__init__()
        self.name = config.name
        self.encoder = UnitEncoder(config).requires_grad_(False)
        self.quantizer = UnitQuantizer(dim, config)

    def forward(self, batch: TensorBatch, context: object = None) -> Tensor:
        """Units (M, d + 1): vectors, and 1 for pauses. No context is used."""
        del context
        vectors = self.encoder(batch.points[self.name])
        pauses = batch.pauses if self.name == "word" else torch.zeros_like(vectors[:, 0])
        return torch.cat([vectors, pauses[:, None].to(vectors)], dim=1)


class UnitQuantizer(nn.Module):
    """Residual quantizer with fitted codebooks; it has the interface of `quantizer.Quantizer`.

    At the word level, code 0 of the first codebook is that of pauses; their other codes are 0 too.
    """

    #: Codes are the nearest ones: a search by decoded prosody would depend on neighbours.
    num_candidates = 1

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.codebook_sizes = config.codebook_sizes
        self.first_code = 1 if config.name == "word" else 0
        for index, size in enumerate(config.codebook_sizes):
            self.register_buffer(f"book_{index}", torch.zeros(size, config.codebook_dim))
        self.out = nn.Linear(config.codebook_dim, dim)
        self.pause = nn.Parameter(torch.zeros(dim)) if self.first_code else None

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (M, D), codes (M, K), and a commitment loss of 0: no encoder is trained."""
        with torch.autocast(units.device.type, enabled=False):
            codes = self.candidates(units.float(), 1)[:, 0]
            return self.embed(codes), codes, units.new_zeros(())

    @property
    def codebooks(self) -> list[Tensor]:
        """Vectors (C, d) of the C codes of each codebook."""
        return [self.get_buffer(f"book_{k}") for k in range(len(self.codebook_sizes))]

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, K)."""
        embedding: Tensor = self.out(sum_vectors(self.codebooks, codes))
        if self.pause is None:
            return embedding
        return torch.where(codes[:, :1] == 0, self.pause, embedding)

    def commitment(self, units: Tensor, codes: Tensor) -> Tensor:
        """Mean squared distance of units (M, d + 1) from their codes (M, K)."""
        return F.mse_loss(units[:, :-1], sum_vectors(self.codebooks, codes))

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """The nearest codes (M, 1, K) of units (M, d + 1)."""
        del count
        rest, spoken = units[:, :-1], units[:, -1:] == 0
        codes = []
        for index, book in enumerate(self.codebooks):
            first = self.first_code if index == 0 else 0
            nearest = first + squared_distances(rest, book[first:]).argmin(1)
            rest = rest - book[nearest]
            codes.append(nearest)
        return (spoken * torch.stack(codes, dim=1))[:, None]

    def frame_cost(self, batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
        """Cost of each frame: errors of F0, voicing and energy."""
        return perceptual_cost(batch, decoded)


def three_layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """A perceptron with two hidden layers."""
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.GELU(),
        nn.Linear(hidden, hidden),
        nn.GELU(),
        nn.Linear(hidden, outputs),
    )
