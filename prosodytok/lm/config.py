"""What a prosody language model is built from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

#: What is known of the voice: log2 of its median F0, spread, energy range, log2 of its word rate.
VOICE = 4


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
    codebook_sizes: dict[str, tuple[PositiveInt, ...]]
    alphabet: str
    languages: tuple[str, ...]
    voice_mean: tuple[float, ...] = Field(default=(0.0,) * VOICE, min_length=VOICE)
    voice_scale: tuple[float, ...] = Field(default=(1.0,) * VOICE, min_length=VOICE)
    register_default: dict[str, float] = Field(default_factory=dict)
    dim: int = Field(default=128, ge=1)
    heads: int = Field(default=4, ge=1)
    layers: int = Field(default=2, ge=1)
    hidden: int = Field(default=256, ge=1)
    window: int = Field(default=32, ge=1)
    dilations: tuple[PositiveInt, ...] = (1, 2, 4)
    dropout: float = Field(default=0.15, ge=0, lt=1)
