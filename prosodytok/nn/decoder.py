"""From embeddings of codes, laid out in time, to prosody. The decoder sees nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.config import FRAME_WIDTH, ModelConfig
from prosodytok.nn.decoded import DecodedArrays
from prosodytok.nn.encoder import STREAMS
from prosodytok.nn.layers import FrameBlock, FrameConv, Stack
from prosodytok.nn.layout import PLACE_DIM, field_values
from prosodytok.nn.tensors import Layout
from prosodytok.types.tokens import LEVELS

#: The levels whose units differ in length, and the cosines that such a unit lays over its frames.
UNITS, CURVES = ("phrase", "word"), 6


@dataclass(frozen=True)
class Coarse:
    """What phrases and words decode to, on which the frame level builds.

    Parameters
    ----------
    steps : (B, S, D) float32
        Features of network steps.
    frames : (B, T, C) float32
        Features of single frames.
    streams : (B, T, 3) float32
        Normalised F0, voicing logit, normalised energy.
    """

    steps: Tensor
    frames: Tensor
    streams: Tensor

    def repeat(self, count: int) -> Coarse:
        """The same for `count` copies of the utterances."""
        return Coarse(*(x.repeat(count, 1, 1) for x in (self.steps, self.frames, self.streams)))


@dataclass(frozen=True)
class Decoded(DecodedArrays[Tensor]):
    """What the decoder says; see `DecodedArrays`."""

    def arrays(self) -> DecodedArrays[NDArray[np.float32]]:
        """The same as arrays of NumPy."""
        values = field_values(self)
        return DecodedArrays(**{k: v.detach().cpu().numpy() for k, v in values.items()})


class Curves(nn.Module):
    """What each unit says of its frames: a sum of cosines over the way through the unit."""

    def __init__(self, dim: int, channels: int) -> None:
        super().__init__()
        self.weights = nn.Linear(dim, CURVES * channels)

    def forward(self, units: Tensor, unit_of_frame: Tensor, places: Tensor) -> Tensor:
        """Lay units (M, D) over frames with places (B, T, 3): (B, T, C)."""
        way = places[..., 1:2]
        weights = self.weights(units).view(units.shape[0], CURVES, -1)
        before, cosine = torch.ones_like(way), way
        # One cosine after the other: all at once would take six times the memory.
        laid = _spread(weights[:, 0], unit_of_frame, places)
        for k in range(1, CURVES):
            laid = torch.addcmul(laid, _spread(weights[:, k], unit_of_frame, places), cosine)
            before, cosine = cosine, 2 * way * cosine - before  # Chebyshev's recursion
        return laid


class Stage(nn.Module):
    """A stack over network steps, then blocks over single frames, then the three streams."""

    def __init__(self, config: ModelConfig, dilations: Iterable[int]) -> None:
        super().__init__()
        channels = config.frame_channels
        self.stack = Stack(config.dim, dilations)
        self.norm = nn.LayerNorm(config.dim)
        self.to_frames = nn.Linear(config.dim, config.patch * channels)
        self.blocks = nn.ModuleList(
            FrameBlock(channels, FRAME_WIDTH) for _ in range(config.frame_blocks)
        )
        self.output = FrameConv(channels, STREAMS, FRAME_WIDTH)

    def steps(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Steps (B, S, D) to steps, and to frames (B, T, C)."""
        x = self.norm(self.stack(x, mask))
        frames = F.gelu(self.to_frames(x))
        return x, frames.view(x.shape[0], -1, self.output.in_channels)

    def streams(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Frames (B, T, C) to frames and streams (B, T, 3), under a mask (B, T, 1)."""
        for block in self.blocks:
            frames = block(frames, mask)
        return frames, self.output(frames * mask)


class Decoder(nn.Module):
    """Phrases and words first; then what the frame codes change about it."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.patch, self.dim = config.patch, config.dim
        self.places = nn.ModuleDict(
            {name: nn.Linear(config.patch * PLACE_DIM, config.dim, bias=False) for name in LEVELS}
        )
        self.absent = nn.ParameterDict({n: nn.Parameter(torch.zeros(config.dim)) for n in UNITS})
        self.curves = nn.ModuleDict({n: Curves(config.dim, config.frame_channels) for n in UNITS})
        self.coarse_stage = Stage(config, config.coarse_dilations)
        self.fine_stage = Stage(config, config.fine_dilations)
        self.word_timing = _head(config.dim, 1)
        self.phrase_timing = _head(config.dim, 2)

    def forward(self, embeddings: dict[str, Tensor], layout: Layout) -> Decoded:
        """Decode the units (M, D) of any subset of levels."""
        coarse = self.coarse(embeddings, layout)
        streams = coarse.streams
        if "frame" in embeddings:
            streams = self.fine(coarse, embeddings["frame"], layout)
        return self.finish(streams, embeddings, layout)

    def coarse(
        self, embeddings: dict[str, Tensor], layout: Layout, present: Tensor | None = None
    ) -> Coarse:
        """Decode phrases and words, as far as they are there and `present` (B, 2) says True."""
        places = self._places(layout)
        x = layout.mask.new_zeros(*layout.mask.shape[:2], self.dim)
        for column, name in enumerate(UNITS):
            if name in embeddings:
                laid = self._lay(name, column, embeddings[name], layout)
                if present is not None:
                    laid = torch.where(present[:, column, None, None], laid, self.absent[name])
                x = x + laid
            else:
                x = x + self.absent[name]
        x, frames = self.coarse_stage.steps(x, layout.mask)
        for column, name in enumerate(UNITS):
            if name in embeddings:
                # In context: the code, and what the stack makes of the unit's surroundings.
                units = layout.maps[name]
                unit = embeddings[name] + units.pool(x)
                where = places[:, :, :, column].flatten(1, 2)
                curves = self.curves[name](unit, units.unit_of_frame, where)
                if present is not None:
                    curves = curves * present[:, column, None, None]
                frames = frames + curves
        return Coarse(x, *self.coarse_stage.streams(frames, self._frame_mask(layout)))

    def fine(self, coarse: Coarse, frame: Tensor, layout: Layout) -> Tensor:
        """Streams (B, T, 3) of phrases and words as the frame tokens (M, D) amend them."""
        x = coarse.steps + self._lay("frame", LEVELS.index("frame"), frame, layout)
        _, frames = self.fine_stage.steps(x, layout.mask)
        frames = frames + coarse.frames
        return coarse.streams + self.fine_stage.streams(frames, self._frame_mask(layout))[1]

    def finish(self, streams: Tensor, embeddings: dict[str, Tensor], layout: Layout) -> Decoded:
        """Name the streams, and add the timing that the codes tell."""
        f0, voicing, energy = streams.float().unbind(-1)
        word, phrase = self._timing(embeddings, layout)
        return Decoded(f0, voicing, energy, word.float(), phrase.float())

    def _places(self, layout: Layout) -> Tensor:
        return layout.places.view(*layout.mask.shape[:2], self.patch, len(LEVELS), PLACE_DIM)

    def _lay(self, name: str, column: int, units: Tensor, layout: Layout) -> Tensor:
        """Units (M, D) over the steps that they cover, with their places: (B, S, D)."""
        places = self._places(layout)[:, :, :, column].flatten(2)
        laid = layout.maps[name].expand(units, layout.mask.shape[0])
        return laid + self.places[name](places)  # type: ignore[no-any-return]

    def _frame_mask(self, layout: Layout) -> Tensor:
        return layout.mask.repeat_interleave(self.patch, dim=1)

    def _timing(self, embeddings: dict[str, Tensor], layout: Layout) -> tuple[Tensor, Tensor]:
        empty = layout.mask.new_zeros(0)
        if "phrase" not in embeddings:
            return empty, empty
        phrase = embeddings["phrase"]
        timing = self.phrase_timing(phrase)
        if "word" not in embeddings:
            return empty, timing
        word = embeddings["word"] + phrase.index_select(0, layout.parent)
        return self.word_timing(word).squeeze(-1), timing


def _spread(units: Tensor, unit_of_frame: Tensor, places: Tensor) -> Tensor:
    """Units (M, C) over their frames: (B, T, C)."""
    return units.index_select(0, unit_of_frame).view(*places.shape[:2], -1)


def _head(dim: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, outputs))
