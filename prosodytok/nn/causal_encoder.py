"""An encoder for streams: nothing waits for what is said later.

Offline, the frame level says what phrases and words have left to say. In a stream these end after
their frames, so here no level is told of another: frame tokens come first and tell all, from the
past and a look ahead of one step; words and phrases tell of their own frames when they have ended.
The decoder is the same, and hears as many of them as there are.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.encoder import STREAMS
from prosodytok.nn.f0_shapes import shape_sums, solve_shapes
from prosodytok.nn.layers import DilatedBlock, Stack
from prosodytok.nn.quantizer import LevelQuantizer
from prosodytok.nn.tensors import Batch

#: Cosines over the way through a unit that tell its F0, and its voicing and energy.
F0_COSINES, COSINES = 5, 6


class UnitLevel(nn.Module):
    """Phrases or words: each told by its own frames alone."""

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.name = config.name
        self.join = nn.Sequential(
            nn.Linear(F0_COSINES + 2 * COSINES + 1, dim), nn.GELU(), nn.Linear(dim, dim)
        )
        self.quantizer = LevelQuantizer(dim, config)

    def forward(self, batch: Batch) -> Tensor:
        """Units (M, D) of a batch."""
        return self.join(unit_moments(batch, self.name))  # type: ignore[no-any-return]


class CellLevel(nn.Module):
    """Frame tokens: causal blocks over network steps, of which each is a cell."""

    def __init__(self, config: ModelConfig, level: LevelConfig) -> None:
        super().__init__()
        self.lookahead = config.lookahead or 0
        dilations = (*config.encoder_dilations, *level.dilations)
        self.input = nn.Linear(config.patch * STREAMS * (1 + self.lookahead), config.dim)
        self.stack = Stack(config.dim, dilations, causal=True)
        self.quantizer = LevelQuantizer(config.dim, level)

    def forward(self, batch: Batch) -> Tensor:
        """Units (M, D) of a batch."""
        inside = batch.layout.mask.squeeze(-1).bool()
        return self.steps(batch.frames, batch.layout.mask)[inside]

    def steps(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Features (B, S, D) of steps (B, S, patch * 3) under a mask (B, S, 1)."""
        padded = F.pad(frames, (0, 0, 0, self.lookahead))
        ahead = [padded[:, k : k + frames.shape[1]] for k in range(self.lookahead + 1)]
        return self.stack(self.input(torch.cat(ahead, dim=-1)), mask)  # type: ignore[no-any-return]

    def start(self) -> list[Tensor]:
        """What `step` takes at the begin of an utterance."""
        return [block.start() for block in self._blocks]

    def step(self, frames: Tensor, before: list[Tensor]) -> Tensor:
        """The next unit (1, D), of its step and those ahead (1 + lookahead, patch * 3).

        `before` is what the blocks remember; it is changed.
        """
        x: Tensor = self.input(frames.flatten())[None, None]
        for i, block in enumerate(self._blocks):
            x, before[i] = block.step(x, before[i])
        return x[0]

    @property
    def _blocks(self) -> list[DilatedBlock]:
        return [block for block in self.stack.blocks if isinstance(block, DilatedBlock)]


class CausalEncoder(nn.Module):
    """The levels of a stream.

    When a checkpoint is loaded it is set to double precision: steps computed one by one then choose
    the codes that a whole utterance chooses.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        phrase, word, frame = config.levels
        self.levels = nn.ModuleDict(
            {
                "phrase": UnitLevel(config.dim, phrase),
                "word": UnitLevel(config.dim, word),
                "frame": CellLevel(config, frame),
            }
        )

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Units (M, D) of each level."""
        heard = self.heard(batch)
        return {name: level(heard) for name, level in self.levels.items()}

    def heard(self, batch: Batch) -> Batch:
        """The batch without the F0 of unvoiced frames, which tells of what comes later."""
        by_frame = batch.frames.view(*batch.frames.shape[:2], -1, STREAMS)
        frames = heard_frames(by_frame).flatten(-2)
        return replace(batch, frames=frames.to(next(self.parameters())))

    @property
    def cells(self) -> CellLevel:
        """The frame level."""
        level = self.levels["frame"]
        assert isinstance(level, CellLevel)
        return level


def heard_frames(frames: Tensor) -> Tensor:
    """Frames (..., 3) of F0, voicing and energy without the F0 of unvoiced ones."""
    voiced = frames[..., 1:2]
    return torch.cat([frames[..., :1] * voiced, frames[..., 1:]], dim=-1)


def unit_moments(batch: Batch, name: str) -> Tensor:
    """What a level's units are told by, (M, F): course of F0, moments of the rest, length."""
    _, voiced, energy = batch.streams
    units, course = batch.layout.maps[name], batch.layout.course(name, COSINES)
    columns = [batch.inside.to(energy), *(s * c for s in (voiced, energy) for c in course)]
    sums = torch.stack(
        [
            energy.new_zeros(units.num_units).index_add(
                0, units.unit_of_frame, (column * batch.inside).flatten()
            )
            for column in columns
        ],
        dim=1,
    )
    length, moments = sums[:, :1], sums[:, 1:]
    f0 = solve_shapes(shape_sums(batch, name, F0_COSINES), F0_COSINES)
    return torch.cat([f0, moments / length, (length / 32).log2()], dim=1)
