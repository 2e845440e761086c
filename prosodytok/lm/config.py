"""Config of a prosody language model."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from prosodytok.io.limits import Count, Dilations, Width
from prosodytok.nn.config import Size
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.tokens import MAX_CODEBOOKS

#: Features of the voice: log2 of the median F0, F0 spread, energy range, log2 of the word rate.
VOICE_DIM = 4

Sizes = Annotated[tuple[Size, ...], Field(min_length=1, max_length=MAX_CODEBOOKS)]
Scale = Annotated[FiniteFloat, Field(gt=0)]


class LMConfig(BaseModel):
    """Architecture of the model, and statistics of its training data.

    Parameters
    ----------
    tokenizer : str
        Name, with fingerprint, of the tokenizer of its codes.
    codebook_sizes : dict of str to tuple of int
        Codebook sizes of the tokenizer, by level.
    alphabet : str
        Letters and punctuation with an embedding; all others share that of unknown letters.
    languages : tuple of str
        Two-letter codes of the training languages.
    voice_mean, voice_scale : tuple of float
        Mean and standard deviation of the voice features.
    register_default : dict of str to float
        Default register (see `Register`).
    dim, heads, layers, hidden : int
        Width, attention heads and blocks of the transformer of each stage, and width in a block.
    window : int
        Positions that a position attends to, itself included.
    dilations : tuple of int
        Dilations of the convolutions over the inputs of a stage (see `nn.layers.Stack`).
    dropout : float
        Dropout rate in training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: str
    codebook_sizes: dict[str, Sizes]
    alphabet: str
    languages: tuple[str, ...]
    voice_mean: tuple[FiniteFloat, ...] = Field(
        default=(0.0,) * VOICE_DIM, min_length=VOICE_DIM, max_length=VOICE_DIM
    )
    voice_scale: tuple[Scale, ...] = Field(
        default=(1.0,) * VOICE_DIM, min_length=VOICE_DIM, max_length=VOICE_DIM
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
