"""The decoder: embeddings of codes, laid out in time, to F0, voicing and energy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.batch import NUM_CHANNELS, Decoded
from prosodytok.nn.config import FRAME_WIDTH, ModelConfig
from prosodytok.nn.layers import FrameBlock, FrameConv, Stack
from prosodytok.nn.layout import PLACE_DIM
from prosodytok.nn.tensors import TensorDecoded, TensorLayout, expand, pool
from prosodytok.types.tokens import LEVELS

#: The levels whose units vary in length, and the cosines that describe the contour of such a unit.
VARIABLE_LEVELS, NUM_COSINES = ("phrase", "word"), 6


@dataclass(frozen=True)
class Coarse:
    """Decoding of phrases and words, which the frame level refines.

    Parameters
    ----------
    steps : (B, S, D) float32
        Features of network steps.
    frames : (B, T, C) float32
        Features of single frames.
    channels : (B, T, 3) float32
        Normalised F0, voicing logit, normalised energy.
    """

    steps: Tensor
    frames: Tensor
    channels: Tensor

    def repeat(self, count: int) -> Coarse:
        """The same for `count` copies of the utterances."""
        return Coarse(*(x.repeat(count, 1, 1) for x in (self.steps, self.frames, self.channels)))


class Curves(nn.Module):
    """Contour of each unit over its frames: a sum of cosines of the position in the unit."""

    def __init__(self, dim: int, channels: int) -> None:
        super().__init__()
        self.weights = nn.Linear(dim, NUM_COSINES * channels)

    def forward(self, units: Tensor, unit_of_frame: Tensor, places: Tensor) -> Tensor:
        """Contours (B, T, C) of units (M, D) on frames with places (B, T, 3)."""
        position = places[..., 1:2]
        weights = self.weights(units).view(units.shape[0], NUM_COSINES, -1)
        before, cosine = torch.ones_like(position), position
        # One cosine after the other: all at once take six times the memory.
        contour = _spread(weights[:, 0], unit_of_frame, places)
        for k in range(1, NUM_COSINES):
            contour = torch.addcmul(contour, _spread(weights[:, k], unit_of_frame, places), cosine)
            before, cosine = cosine, 2 * position * cosine - before  # Chebyshev's recursion
        return contour


class Stage(nn.Module):
    """A stack over network steps, then blocks over single frames, then the three channels."""

    def __init__(self, config: ModelConfig, dilations: Iterable[int]) -> None:
        super().__init__()
        channels = config.frame_channels
        self.stack = Stack(config.dim, dilations)
        self.norm = nn.LayerNorm(config.dim)
        self.to_frames = nn.Linear(config.dim, config.patch * channels)
        self.blocks = nn.ModuleList(
            FrameBlock(channels, FRAME_WIDTH) for _ in range(config.frame_blocks)
        )
        self.output = FrameConv(channels, NUM_CHANNELS, FRAME_WIDTH)

    def steps(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Steps (B, S, D) to steps (B, S, D) and frames (B, T, C)."""
        x = self.norm(self.stack(x, mask))
        frames = F.gelu(self.to_frames(x))
        return x, frames.view(x.shape[0], -1, self.output.in_channels)

    def channels(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Frames (B, T, C) to frames and channels (B, T, 3), under a mask (B, T, 1)."""
        for block in self.blocks:
            frames = block(frames, mask)
        return frames, self.output(frames * mask)


class Decoder(nn.Module):
    """Two stages: phrases and words first, then the change by the frame codes."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.patch, self.dim = config.patch, config.dim
        self.places = nn.ModuleDict(
            {name: nn.Linear(config.patch * PLACE_DIM, config.dim, bias=False) for name in LEVELS}
        )
        self.absent = nn.ParameterDict(
            {n: nn.Parameter(torch.zeros(config.dim)) for n in VARIABLE_LEVELS}
        )
        self.curves = nn.ModuleDict(
            {n: Curves(config.dim, config.frame_channels) for n in VARIABLE_LEVELS}
        )
        self.coarse_stage = Stage(config, config.coarse_dilations)
        self.fine_stage = Stage(config, config.fine_dilations)
        self.word_timing = _head(config.dim, 1)
        self.phrase_timing = _head(config.dim, 2)

    def forward(self, embeddings: dict[str, Tensor], layout: TensorLayout) -> TensorDecoded:
        """Decode the units (M, D) of any subset of levels."""
        coarse = self.coarse(embeddings, layout)
        channels = coarse.channels
        if "frame" in embeddings:
            channels = self.fine(coarse, embeddings["frame"], layout)
        return self.finish(channels, embeddings, layout)

    def coarse(
        self, embeddings: dict[str, Tensor], layout: TensorLayout, present: Tensor | None = None
    ) -> Coarse:
        """Decode those of phrases and words that are given and `present` (B, 2) in an utterance."""
        places = self._places(layout)
        x = layout.mask.new_zeros(*layout.mask.shape[:2], self.dim)
        for column, name in enumerate(VARIABLE_LEVELS):
            if name in embeddings:
                laid = self._lay(name, column, embeddings[name], layout)
                if present is not None:
                    laid = torch.where(present[:, column, None, None], laid, self.absent[name])
                x = x + laid
            else:
                x = x + self.absent[name]
        x, frames = self.coarse_stage.steps(x, layout.mask)
        for column, name in enumerate(VARIABLE_LEVELS):
            if name in embeddings:
                units = layout.maps[name]
                in_context = embeddings[name] + pool(units, x)
                own_places = places[:, :, :, column].flatten(1, 2)
                curves = self.curves[name](in_context, units.unit_of_frame, own_places)
                if present is not None:
                    curves = curves * present[:, column, None, None]
                frames = frames + curves
        return Coarse(x, *self.coarse_stage.channels(frames, self._frame_mask(layout)))

    def fine(self, coarse: Coarse, frame: Tensor, layout: TensorLayout) -> Tensor:
        """Channels (B, T, 3) of phrases and words, changed by the frame tokens (M, D)."""
        x = coarse.steps + self._lay("frame", LEVELS.index("frame"), frame, layout)
        _, frames = self.fine_stage.steps(x, layout.mask)
        frames = frames + coarse.frames
        return coarse.channels + self.fine_stage.channels(frames, self._frame_mask(layout))[1]

    def finish(
        self, channels: Tensor, embeddings: dict[str, Tensor], layout: TensorLayout
    ) -> TensorDecoded:
        """Name the channels (..., B, T, 3), and add the timing that the codes carry."""
        f0, voicing, energy = channels.float().unbind(-1)
        word, phrase = self._timing(embeddings, layout)
        return Decoded(f0, voicing, energy, word.float(), phrase.float())

    def _places(self, layout: TensorLayout) -> Tensor:
        return layout.places.view(*layout.mask.shape[:2], self.patch, len(LEVELS), PLACE_DIM)

    def _lay(self, name: str, column: int, units: Tensor, layout: TensorLayout) -> Tensor:
        """Units (M, D) on the steps that they cover, with their places: (B, S, D)."""
        places = self._places(layout)[:, :, :, column].flatten(2)
        laid = expand(layout.maps[name], units, layout.mask.shape[0])
        return laid + self.places[name](places)  # type: ignore[no-any-return]

    def _frame_mask(self, layout: TensorLayout) -> Tensor:
        return layout.mask.repeat_interleave(self.patch, dim=1)

    def _timing(self, embeddings: dict[str, Tensor], layout: TensorLayout) -> tuple[Tensor, Tensor]:
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
