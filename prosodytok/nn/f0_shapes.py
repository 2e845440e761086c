"""A quantizer of F0 shapes: codes are courses of F0 in their units, found without an encoder.

Where all bits go to the melody, nothing finds a unit's code better than to lay every course in the
codebook over it and to take the one with the smallest squared error over voiced frames. A course is
a sum of cosines over the way through the unit, as in `model.decoder.Curves`, so units of any length
take part, and a unit is told by few sums over its frames: a weighted k-means (Lloyd, 1982, "Least
squares quantization in PCM") in the space of contours.
"""

from __future__ import annotations

from itertools import chain

import torch
from torch import Tensor, nn

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.tensors import Batch
from prosodytok.types.errors import ConfigError

#: What an unvoiced frame counts beside a voiced one: F0 is only interpolated there.
UNVOICED = 1e-3
#: Rounds of k-means, and by how much its courses are drawn to the flat one (frames).
ROUNDS, PRIOR = 30, 0.1
#: A code with fewer units is given to a unit drawn at random.
FEWEST = 2


def shape_sums(batch: Batch, name: str, cosines: int) -> Tensor:
    """What a level's units hold of F0, (M, 1 + J + J * J), by weighted sums over their frames.

    Of normalised F0 x and J cosines c (the first is 1), the sums of x x, x c and c c'.
    """
    f0, voiced, _ = batch.streams
    weight = (voiced + UNVOICED) * batch.inside
    units = batch.layout.maps[name]
    course = batch.layout.course(name, cosines)
    columns = chain([f0 * f0], (f0 * c for c in course), (a * b for a in course for b in course))
    empty = f0.new_zeros(units.num_units)
    sums = [  # one by one: side by side the columns take much memory
        empty.index_add(0, units.unit_of_frame, (weight * column).flatten()) for column in columns
    ]
    return torch.stack(sums, dim=1)


class ShapeQuantizer(nn.Module):
    """Takes for each unit the course of F0 that lies nearest to it; see the module.

    Units are those of `shape_sums`.
    """

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.codebook_sizes = config.codebook_sizes
        self.shapes: Tensor
        self.register_buffer("shapes", torch.zeros(config.codebook_sizes[0], config.cosines))
        self.out = nn.Linear(config.cosines, dim)

    def forward(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (M, D), codes (M, 1), and a loss of 0: there is nothing that could commit."""
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
        """Mean squared distance of units from their codes' courses, in spreads of F0."""
        error = self._errors(units).gather(1, codes).sum()
        return error / units[:, 1 + self.shapes.shape[1]].sum()

    def candidates(self, units: Tensor, count: int) -> Tensor:
        """The `count` codes (M, C, 1) nearest to each of the units, nearest first."""
        kept = min(count, len(self.shapes))
        return self._errors(units).topk(kept, dim=1, largest=False).indices[..., None]

    @torch.no_grad()
    def fit(self, units: Tensor, weights: Tensor) -> None:
        """Find the courses by k-means over units, weighted (M,); draws from torch's generator.

        Raises
        ------
        ConfigError
            If no unit has a voiced frame.
        """
        size, cosines = self.shapes.shape
        held = units[:, 1 + cosines] >= 1  # at least a voiced frame
        if not held.any():
            raise ConfigError("no unit of the training speech is voiced: there are no F0 shapes")
        units, weights = units[held], weights[held, None]
        own = solve_shapes(units, cosines)
        order = torch.randperm(len(units))
        self.shapes.copy_(own[order.repeat(-(-size // len(units)))[:size]])
        for _ in range(ROUNDS):
            codes = self._errors(units).argmin(1)
            sums = units.new_zeros(size, units.shape[1]).index_add_(0, codes, units * weights)
            total = units.new_zeros(size, 1).index_add_(0, codes, weights)
            shapes = solve_shapes(sums / total.clamp(min=1e-9), cosines)
            lost = torch.bincount(codes, minlength=size) < FEWEST
            drawn = own[torch.randint(len(units), (size,))]
            self.shapes.copy_(torch.where(lost[:, None], drawn, shapes))

    def _errors(self, units: Tensor) -> Tensor:
        """Squared errors of every course on every unit, (M, K), summed over frames."""
        cosines = self.shapes.shape[1]
        square, linear, quadratic = _parts(units, cosines)
        pairs = (self.shapes[:, :, None] * self.shapes[:, None]).flatten(1)
        return square - 2 * linear @ self.shapes.T + quadratic @ pairs.T


def solve_shapes(sums: Tensor, cosines: int) -> Tensor:
    """The course (M, J) with the least error for sums (M, 1 + J + J * J)."""
    _, linear, quadratic = _parts(sums, cosines)
    gram = quadratic.view(-1, cosines, cosines) + PRIOR * torch.eye(cosines, device=sums.device)
    course: Tensor = torch.linalg.solve(gram, linear)
    return course


def _parts(sums: Tensor, cosines: int) -> tuple[Tensor, Tensor, Tensor]:
    """The sums of x x (M, 1), x c (M, J) and c c' (M, J * J)."""
    return sums[:, :1], sums[:, 1 : 1 + cosines], sums[:, 1 + cosines :]
