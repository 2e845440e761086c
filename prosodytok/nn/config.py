"""Configuration of the network; saved as config.json with its weights."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from prosodytok.io.limits import MAX_BLOCKS, MAX_WIDTH, Dilations, Width
from prosodytok.types.tokens import LEVELS, MAX_CODEBOOK_SIZE, MAX_CODEBOOKS

LevelName = Literal["phrase", "word", "frame"]
#: Context of the encoder: the whole utterance, or causal with a fixed look-ahead.
EncoderKind = Literal["whole", "causal"]
Size = Annotated[int, Field(ge=2, le=MAX_CODEBOOK_SIZE)]

#: Kernel width (frames) of the decoder's convolutions over single frames.
FRAME_WIDTH = 9


class LevelConfig(BaseModel):
    """One level of tokens.

    Checkpoints and configs of the second edition call `moments` ``shapes`` and `f0_shape_cosines`
    ``cosines``; both names are read.

    Parameters
    ----------
    name : {"phrase", "word", "frame"}
        The level.
    codebook_sizes : tuple of int
        Codes in each codebook; several make a residual quantizer.
    codebook_dim : int
        Dimension of the space in which the nearest codes are searched.
    own_time : bool
        Whether the level's units are encoded from their own prosody in their own time (see
        `nn.unit_level`), not from features of network steps; `dilations` and `moments` then have
        no effect. For words the first code is 0 for pauses and for nothing else.
    hidden : int
        Width of the encoder of a level in its own time.
    dilations : tuple of int
        Dilation of each residual block between the frame encoder and this level's pooling.
    moments : int
        Cosine moments of the features that pool a unit; 1 is the mean alone.
    f0_shape_cosines : int
        If not 0, the level's one codebook contains F0 shapes, each a sum of this many cosines, that
        are fitted to the signal itself (see `nn.f0_shapes`); the other parameters have no effect.
    dead_code_threshold : float
        A code used less often than this (moving average per batch) is replaced by a random unit.
    decay : float
        Decay of the moving averages that update the codes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: LevelName
    codebook_sizes: tuple[Size, ...] = Field(min_length=1, max_length=MAX_CODEBOOKS)
    codebook_dim: Width = 16
    own_time: bool = False
    hidden: Width = 256
    dilations: Dilations = ()
    moments: int = Field(
        default=4, ge=1, le=MAX_BLOCKS, validation_alias=AliasChoices("moments", "shapes")
    )
    f0_shape_cosines: int = Field(
        default=0, ge=0, le=MAX_BLOCKS, validation_alias=AliasChoices("f0_shape_cosines", "cosines")
    )
    dead_code_threshold: float = Field(default=0.1, ge=0)
    decay: float = Field(default=0.95, gt=0, lt=1)


class ModelConfig(BaseModel):
    """The whole network.

    Parameters
    ----------
    dim : int
        Width of the encoder and the decoder.
    patch : int
        Prosody frames (10 ms) in one step of the network; divides the 8 frames of a frame token.
    encoder_dilations, coarse_dilations, fine_dilations : tuple of int
        Dilation of each residual block: of the encoder, and of the decoder's two stages.
    frame_channels, frame_blocks : int
        Width and number of the residual blocks over single frames in each stage.
    levels : tuple of LevelConfig
        Phrase, word and frame, coarse to fine.
    ssl : str or None
        Self-supervised encoder whose embeddings are a further input, as `load_ssl` names it.
    ssl_dim : int
        Width of those embeddings; 0 without.
    lookahead : int or None
        Look-ahead of a causal encoder beyond a frame token, in network steps of 80 ms (see
        `nn.causal_encoder`). None: the encoder is not causal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dim: int = Field(default=192, ge=8, le=MAX_WIDTH)
    patch: Literal[1, 2, 4, 8] = 8
    encoder_dilations: Dilations = (1, 2, 4, 8, 1, 2)
    coarse_dilations: Dilations = (1, 2, 4, 8, 1, 2)
    fine_dilations: Dilations = (1, 2, 4, 1)
    frame_channels: Width = 32
    frame_blocks: int = Field(default=2, ge=0, le=MAX_BLOCKS)
    levels: tuple[LevelConfig, LevelConfig, LevelConfig] = (
        LevelConfig(name="phrase", codebook_sizes=(64,)),
        LevelConfig(name="word", codebook_sizes=(256,), dilations=(1,)),
        LevelConfig(name="frame", codebook_sizes=(256,), dilations=(1, 2), moments=1),
    )
    ssl: str | None = None
    ssl_dim: int = Field(default=0, ge=0, le=MAX_WIDTH)
    lookahead: int | None = Field(default=None, ge=0, le=MAX_BLOCKS)

    @property
    def encoder(self) -> EncoderKind:
        """The kind of encoder, by which its class, frontend and receptive field are chosen."""
        return "whole" if self.lookahead is None else "causal"

    @property
    def codes_pauses(self) -> bool:
        """Whether word code 0 means a pause, so that pauses can be read from the codes."""
        return self.levels[1].own_time

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = tuple(level.name for level in self.levels)
        if names != LEVELS:
            raise ValueError(f"levels must be {', '.join(LEVELS)}, not {', '.join(names)}")
        if self.levels[2].own_time:
            raise ValueError("frames have no time of their own: own_time is for phrase and word")
        shapes = any(level.f0_shape_cosines for level in self.levels)
        plain = self.patch == 8 and not self.ssl_dim and not shapes
        if self.encoder == "causal" and not plain:
            raise ValueError("lookahead goes with patch 8, without ssl and without F0 shapes")
        return self
