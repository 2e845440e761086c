"""What a prosody language model is built from."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from prosodytok.io.limits import Count, Dilations, Width
from prosodytok.nn.config import Size
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.tokens import MAX_CODEBOOKS

#: What is known of the voice: log2 of its median F0, spread, energy range, log2 of its word rate.
VOICE = 4

Sizes = Annotated[tuple[Size, ...], Field(min_length=1, max_length=MAX_CODEBOOKS)]
Scale = Annotated[FiniteFloat, Field(gt=0)]


class LMConfig(BaseModel):
    """Shape of the model, and what it was trained with.

    Parameters
    ----------
    tokenizer : str
        Name, with fingerprint, of the tokenizer whose codes it says.
    codebook_sizes : dict of str to tuple of int
        The tokenizer's codebooks of each level.
    alphabet : str
        Letters and marks that it can read; all others are one unknown letter.
    languages : tuple of str
        Two-letter codes of the languages that it knows.
    voice_mean, voice_scale : tuple of float
        Mean and standard deviation of what it is told of the voice.
    register_default : dict of str to float
        The voice that is assumed where none is given (see `Register`).
    dim, heads, layers, hidden : int
        Width, attention heads and blocks of each stage's transformer, and width inside a block.
    window : int
        Items that a position attends to, itself included.
    dilations : tuple of int
        Blocks of convolutions over what a stage is told (see `model.blocks.Stack`).
    dropout : float
        Share of activations dropped in training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: str
    codebook_sizes: dict[str, Sizes]
    alphabet: str
    languages: tuple[str, ...]
    voice_mean: tuple[FiniteFloat, ...] = Field(
        default=(0.0,) * VOICE, min_length=VOICE, max_length=VOICE
    )
    voice_scale: tuple[Scale, ...] = Field(
        default=(1.0,) * VOICE, min_length=VOICE, max_length=VOICE
    )
    register_default: dict[str, FiniteFloat] = Field(default_factory=dict)
    dim: Width = 128
    heads: Width = 4
    layers: Count = 2
    hidden: Width = 256
    window: Width = 32
    dilations: Dilations = (1, 2, 4)
    dropout: float = Field(default=0.15, ge=0, lt=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.dim % self.heads:
            raise ValueError(f"dim {self.dim} cannot be shared by {self.heads} heads")
        try:
            Register(**self.register_default)
        except (TypeError, TokenError) as error:
            raise ValueError(f"register_default: {error}") from error
        return self
