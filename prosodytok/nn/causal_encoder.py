"""The causal encoder: no code depends on later sound than its unit and a fixed look-ahead.

Over whole utterances, the frame level encodes the residual of phrases and words. In a stream these
end after their frames, so here the levels are independent: a frame token encodes its own step from
the past and a look-ahead of one step; words and phrases encode their own frames once they have
ended. The decoder is the same, and decodes the levels that are present.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.batch import NUM_CHANNELS
from prosodytok.nn.config import LevelConfig, ModelConfig
from prosodytok.nn.decoder import VARIABLE_LEVELS, Decoder
from prosodytok.nn.encoder import Choose, Encoded, Level, LevelContext
from prosodytok.nn.f0_shapes import shape_sums, solve_shapes
from prosodytok.nn.layers import CausalStack
from prosodytok.nn.quantizer import LevelQuantizer
from prosodytok.nn.tensors import TensorBatch, channels, cosines, frame_mask, num_units
from prosodytok.types.tokens import LEVELS

#: Cosines over the position in a unit that describe its F0, and its voicing and energy.
F0_COSINES, COSINES = 5, 6


class CausalUnitLevel(nn.Module):
    """Phrases or words, each encoded from its own frames alone."""

    def __init__(self, config: ModelConfig, level: LevelConfig, trainable: bool = False) -> None:
        super().__init__()
        self.name = level.name
        inputs = F0_COSINES + 2 * COSINES + 1
        self.join = nn.Sequential(
            nn.Linear(inputs, config.dim), nn.GELU(), nn.Linear(config.dim, config.dim)
        )
        self.quantizer = LevelQuantizer(config.dim, level, trainable)

    def forward(self, batch: TensorBatch, context: LevelContext | None = None) -> Tensor:
        """Units (M, D) of a batch. The context is not used."""
        del context
        return self.join(unit_moments(batch, self.name))  # type: ignore[no-any-return]


class CausalFrameLevel(nn.Module):
    """Frame tokens: causal blocks over network steps, one token a step."""

    def __init__(self, config: ModelConfig, level: LevelConfig, trainable: bool = False) -> None:
        super().__init__()
        self.lookahead = config.lookahead or 0
        dilations = (*config.encoder_dilations, *level.dilations)
        self.input = nn.Linear(config.patch * NUM_CHANNELS * (1 + self.lookahead), config.dim)
        self.stack = CausalStack(config.dim, dilations)
        self.quantizer = LevelQuantizer(config.dim, level, trainable)

    def forward(self, batch: TensorBatch, context: LevelContext | None = None) -> Tensor:
        """Units (M, D) of a batch. The context is not used."""
        del context
        inside = batch.layout.mask.squeeze(-1).bool()
        return self.steps(batch.frames, batch.layout.mask)[inside]

    def steps(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Features (B, S, D) of steps (B, S, patch * 3) under a mask (B, S, 1)."""
        padded = F.pad(frames, (0, 0, 0, self.lookahead))
        ahead = [padded[:, k : k + frames.shape[1]] for k in range(self.lookahead + 1)]
        return self.stack(self.input(torch.cat(ahead, dim=-1)), mask)  # type: ignore[no-any-return]

    def start(self) -> list[Tensor]:
        """State of `step` at the start of an utterance."""
        return self.stack.start()

    def step(self, frames: Tensor, state: list[Tensor]) -> Tensor:
        """The next unit (1, D), from its step and those ahead (1 + lookahead, patch * 3).

        `state`, the memory of the blocks, is updated in place.
        """
        return self.stack.step(self.input(frames.flatten())[None, None], state)[0]


class CausalEncoder(nn.Module):
    """Independent levels for streaming."""

    #: Precision of a loaded checkpoint, in which single steps give the codes of whole utterances.
    dtype = torch.float64

    def __init__(self, config: ModelConfig, trainable: bool = False) -> None:
        super().__init__()
        phrase, word, frame = config.levels
        self.levels = nn.ModuleDict(
            {
                "phrase": CausalUnitLevel(config, phrase, trainable),
                "word": CausalUnitLevel(config, word, trainable),
                "frame": CausalFrameLevel(config, frame, trainable),
            }
        )

    def forward(
        self,
        batch: TensorBatch,
        decoder: Decoder,
        present: Tensor | None = None,
        choose: Choose | None = None,
    ) -> Encoded:
        """Encode a batch; see `ProsodyNetwork.encode`. Ignores `choose`: a search is not causal."""
        del choose
        inputs = self.causal_inputs(batch)
        embeddings: dict[str, Tensor] = {}
        codes: dict[str, Tensor] = {}
        commitment: dict[str, Tensor] = {}
        for name in LEVELS:
            level = cast(Level, self.levels[name])
            embedding, codes[name], commitment[name] = level.quantizer(level(inputs))
            embeddings[name] = embedding.to(batch.layout.mask)
        known = {name: embeddings[name] for name in VARIABLE_LEVELS}
        return Encoded(embeddings, codes, commitment, decoder.coarse(known, batch.layout, present))

    def causal_inputs(self, batch: TensorBatch) -> TensorBatch:
        """The batch without the F0 of unvoiced frames, which is interpolated from later frames."""
        by_frame = batch.frames.view(*batch.frames.shape[:2], -1, NUM_CHANNELS)
        frames = mask_unvoiced_f0(by_frame).flatten(-2)
        return replace(batch, frames=frames.to(next(self.parameters())))


def mask_unvoiced_f0(frames: Tensor) -> Tensor:
    """Frames (..., 3) of F0, voicing and energy, with F0 set to 0 where unvoiced."""
    voiced = frames[..., 1:2]
    return torch.cat([frames[..., :1] * voiced, frames[..., 1:]], dim=-1)


def unit_moments(batch: TensorBatch, level: str) -> Tensor:
    """Features (M, F) of a level's units: F0 shape, moments of voicing and energy, log length."""
    _, voiced, energy = channels(batch)
    units, basis = batch.layout.maps[level], cosines(batch.layout, level, COSINES)
    mask = frame_mask(batch)
    columns = [mask.to(energy), *(x * c for x in (voiced, energy) for c in basis)]
    empty = energy.new_zeros(num_units(units))
    sums = torch.stack(
        [empty.index_add(0, units.unit_of_frame, (c * mask).flatten()) for c in columns], dim=1
    )
    length, moments = sums[:, :1], sums[:, 1:]
    f0 = solve_shapes(shape_sums(batch, level, F0_COSINES), F0_COSINES)
    return torch.cat([f0, moments / length, (length / 32).log2()], dim=1)
