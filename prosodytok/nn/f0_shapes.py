"""Quantizer whose codes are F0 shapes, fitted to the signal without an encoder.

Where all bits of a level go to the melody, the best code of a unit is the shape in the codebook
with the least squared error over its voiced frames. A shape is a sum of cosines over the position
in the unit, as in `nn.decoder.Curves`, so units of any length take part, and a few sums over its
frames describe a unit: a weighted k-means (S. Lloyd, "Least squares quantization in PCM", 1982) in
the space of contours.
"""

from __future__ import annotations

from itertools import chain

import torch
from torch import Tensor, nn

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.distortion import squared_f0_error
from prosodytok.nn.tensors import (
    TensorBatch,
    TensorDecoded,
    channels,
    cosines,
    frame_mask,
    num_units,
)
from prosodytok.types.errors import ConfigError

#: Weight of an unvoiced frame, with interpolated F0, relative to a voiced one.
UNVOICED_WEIGHT = 1e-3
#: Iterations of k-means, and the ridge that draws its shapes to the flat one (frames).
ITERATIONS, RIDGE = 30, 0.1
#: A code with fewer units is replaced by a unit drawn at random.
MIN_UNITS = 2


def shape_sums(batch: TensorBatch, level: str, count: int) -> Tensor:
    """Sufficient statistics of each unit's F0, (M, 1 + J + J * J), for J = `count` cosines.

    With normalised F0 x and cosines c (the first is 1), the weighted sums of x x, x c and c c'.
    """
    f0, voiced, _ = channels(batch)
    weight = (voiced + UNVOICED_WEIGHT) * frame_mask(batch)
    units = batch.layout.maps[level]
    basis = cosines(batch.layout, level, count)
    columns = chain([f0 * f0], (f0 * c for c in basis), (a * b for a in basis for b in basis))
    empty = f0.new_zeros(num_units(units))
    sums = [  # one by one: all columns at once take much memory
        empty.index_add(0, units.unit_of_frame, (weight * column).flatten()) for column in columns
    ]
    return torch.stack(sums, dim=1)


class ShapeQuantizer(nn.Module):
    """Quantizes a unit to the F0 shape with the least squared error; see the module.

    Units are rows of `shape_sums`. The class has the interface of `quantizer.Quantizer`.
    """

    #: Candidates of each unit in the search for codes: they differ in F0 alone.
    num_candidates = 8

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.codebook_sizes = config.codebook_sizes
        self.shapes: Tensor
        self.register_buffer(
            "shapes", torch.zeros(config.codebook_sizes[0], config.f0_shape_cosines)
        )
        self.out = nn.Linear(config.f0_shape_cosines, dim)

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (M, D), codes (M, 1), and a commitment loss of 0: no encoder is trained."""
        with torch.autocast(units.device.type, enabled=False):  # see `LevelQuantizer.forward`
            codes = self.candidates(units, 1)[:, 0]
            return self.embed(codes), codes, units.new_zeros(())

    @property
    def codebooks(self) -> list[Tensor]:
        """The one codebook: weights (C, J) of J cosines."""
        return [self.shapes]

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings (M, D) of codes (M, 1)."""
        return self.out(self.shapes[codes[:, 0]])  # type: ignore[no-any-return]

    def commitment(self, units: Tensor, codes: Tensor) -> Tensor:
        """Mean squared distance of units from their codes' shapes, in spreads of F0."""
        error = self._errors(units).gather(1, codes).sum()
        return error / units[:, 1 + self.shapes.shape[1]].sum()

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """The `count` codes (M, C, 1) nearest to each of the units, nearest first."""
        kept = min(count, len(self.shapes))
        return self._errors(units).topk(kept, dim=1, largest=False).indices[..., None]

    def frame_cost(self, batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
        """Cost of each frame: the squared error of F0 in voiced frames."""
        return channels(batch)[1] * squared_f0_error(batch, decoded)

    @torch.no_grad()
    def fit(self, units: Tensor, weights: Tensor) -> None:
        """Fit the shapes by k-means over weighted units; draws from torch's generator.

        Parameters
        ----------
        units : (M, 1 + J + J * J) float32
            Rows of `shape_sums`.
        weights : (M,) float32
            Weight of each unit.

        Raises
        ------
        ConfigError
            If no unit has a voiced frame.
        """
        size, count = self.shapes.shape
        has_voice = units[:, 1 + count] >= 1
        if not has_voice.any():
            raise ConfigError("no unit of the training speech is voiced: there are no F0 shapes")
        units, weights = units[has_voice], weights[has_voice, None]
        own = solve_shapes(units, count)
        order = torch.randperm(len(units))
        self.shapes.copy_(own[order.repeat(-(-size // len(units)))[:size]])
        for _ in range(ITERATIONS):
            codes = self._errors(units).argmin(1)
            sums = units.new_zeros(size, units.shape[1]).index_add_(0, codes, units * weights)
            total = units.new_zeros(size, 1).index_add_(0, codes, weights)
            shapes = solve_shapes(sums / total.clamp(min=1e-9), count)
            unused = torch.bincount(codes, minlength=size) < MIN_UNITS
            drawn = own[torch.randint(len(units), (size,))]
            self.shapes.copy_(torch.where(unused[:, None], drawn, shapes))

    def _errors(self, units: Tensor) -> Tensor:
        """Squared errors of every shape on every unit, (M, K), summed over frames."""
        square, linear, quadratic = _split_sums(units, self.shapes.shape[1])
        pairs = (self.shapes[:, :, None] * self.shapes[:, None]).flatten(1)
        return square - 2 * linear @ self.shapes.T + quadratic @ pairs.T


def solve_shapes(sums: Tensor, count: int) -> Tensor:
    """The shape (M, J) with the least error for each row of sums (M, 1 + J + J * J)."""
    _, linear, quadratic = _split_sums(sums, count)
    ridge = RIDGE * torch.eye(count, dtype=torch.float32, device=sums.device)
    gram = quadratic.view(-1, count, count) + ridge
    shape: Tensor = torch.linalg.solve(gram, linear)
    return shape


def _split_sums(sums: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """The sums of x x (M, 1), x c (M, J) and c c' (M, J * J)."""
    return sums[:, :1], sums[:, 1 : 1 + count], sums[:, 1 + count :]
