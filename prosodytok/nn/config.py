"""What a tokenizer is built from; saved as config.json beside its weights."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from prosodytok.io.limits import MAX_BLOCKS, MAX_WIDTH, Dilations, Width
from prosodytok.types.tokens import LEVELS, MAX_CODEBOOK_SIZE, MAX_CODEBOOKS

LevelName = Literal["phrase", "word", "frame"]
Size = Annotated[int, Field(ge=2, le=MAX_CODEBOOK_SIZE)]

#: Frames that the decoder's layers over single frames look at.
FRAME_WIDTH = 9


class LevelConfig(BaseModel):
    """One level of tokens.

    Parameters
    ----------
    name : {"phrase", "word", "frame"}
        The level.
    codebook_sizes : tuple of int
        Codes in each codebook; several make a residual quantizer.
    codebook_dim : int
        Width in which nearest codes are sought.
    dilations : tuple of int
        Dilation of each residual block between the frame encoder and this level's pooling.
    shapes : int
        Cosine moments of its features that pool a unit; 1 is the mean alone.
    cosines : int
        If not 0, the level's one codebook holds courses of F0, sums of so many cosines, which are
        found in the signal itself (see `model.shapes`); what else is set here has no effect then.
    dead_code_threshold : float
        A code hit less often than this (moving average per batch) is replaced by a random unit.
    decay : float
        Of the moving averages that the codes follow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: LevelName
    codebook_sizes: tuple[Size, ...] = Field(min_length=1, max_length=MAX_CODEBOOKS)
    codebook_dim: Width = 16
    dilations: Dilations = ()
    shapes: int = Field(default=4, ge=1, le=MAX_BLOCKS)
    cosines: int = Field(default=0, ge=0, le=MAX_BLOCKS)
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
        Self-supervised encoder whose embeddings enter beside the prosody, as `load_ssl` names it.
    ssl_dim : int
        Width of those embeddings; 0 without.
    lookahead : int or None
        Network steps of 80 ms that the encoder sees ahead of a frame token: a causal encoder, whose
        levels say nothing of each other (see `model.causal`). None sees the whole utterance.
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
        LevelConfig(name="frame", codebook_sizes=(256,), dilations=(1, 2), shapes=1),
    )
    ssl: str | None = None
    ssl_dim: int = Field(default=0, ge=0, le=MAX_WIDTH)
    lookahead: int | None = Field(default=None, ge=0, le=MAX_BLOCKS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = tuple(level.name for level in self.levels)
        if names != LEVELS:
            raise ValueError(f"levels must be {', '.join(LEVELS)}, not {', '.join(names)}")
        plain = self.patch == 8 and not self.ssl_dim and not any(x.cosines for x in self.levels)
        if self.lookahead is not None and not plain:
            raise ValueError("lookahead goes with patch 8, without ssl and without cosines")
        return self
