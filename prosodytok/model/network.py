"""The hierarchical VQ autoencoder: prosody to codes, coarse to fine, and any subset back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.features.normalize import Register, denormalize
from prosodytok.model.batch import PLACE_DIM, Batch, Layout, UnitMap
from prosodytok.model.blocks import Stack
from prosodytok.model.config import LevelConfig, ModelConfig
from prosodytok.model.quantizer import LevelQuantizer
from prosodytok.prosody import Prosody
from prosodytok.tokens.types import LEVELS

#: The decoder's last layer joins frames across network steps: channels, and frames it looks at.
SMOOTH_DIM, SMOOTH_WIDTH = 16, 9


@dataclass(frozen=True)
class Encoded:
    """What the encoder found for each level: units (M, D), codes (M, K), commitment loss."""

    embeddings: dict[str, Tensor]
    codes: dict[str, Tensor]
    commitment: dict[str, Tensor]


@dataclass(frozen=True)
class Decoded:
    """What the decoder says.

    Parameters
    ----------
    f0 : (B, T) float32
        Normalised F0.
    voicing : (B, T) float32
        Logit of being voiced.
    energy : (B, T) float32
        Normalised energy.
    word_timing : (M_word,) float32
        Each word's duration, as `model.timing.word_timing` tells it.
    phrase_timing : (M_phrase, 2) float32
        Each phrase's rate and the pause after it, as `model.timing.phrase_timing` tells them.
    """

    f0: Tensor
    voicing: Tensor
    energy: Tensor
    word_timing: Tensor
    phrase_timing: Tensor

    def prosody(self, row: int, num_frames: int, register: Register) -> Prosody:
        """One utterance without its padding, in a register."""
        f0, voicing, energy = (
            x[row, :num_frames].detach().cpu().numpy() for x in (self.f0, self.voicing, self.energy)
        )
        return denormalize(f0, voicing > 0, energy, register)


class Level(nn.Module):
    """One level of the encoder: what is left to say, pooled over its units, then quantized."""

    def __init__(self, dim: int, config: LevelConfig) -> None:
        super().__init__()
        self.said = nn.Linear(dim, dim)
        self.stack = Stack(dim, config.dilations)
        self.quantizer = LevelQuantizer(dim, config)

    def forward(
        self, x: Tensor, said: Tensor, mask: Tensor, units: UnitMap
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings (M, D), codes (M, K) and commitment loss of what is not `said` (B, S, D)."""
        return self.quantizer(units.pool(self.stack(x + self.said(said), mask)))  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """Frames to codes; each level sees what coarser levels have said and codes what they left."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        places = config.patch * len(LEVELS) * PLACE_DIM
        self.input = nn.Linear(config.patch * 3 + places, config.dim)
        self.ssl = nn.Linear(config.ssl_dim, config.dim) if config.ssl_dim else None
        self.stack = Stack(config.dim, config.encoder_dilations)
        self.levels = nn.ModuleDict({c.name: Level(config.dim, c) for c in config.levels})

    def forward(self, batch: Batch) -> Encoded:
        """Encode a batch, coarse to fine."""
        layout = batch.layout
        x = self.input(torch.cat([batch.frames, layout.places], dim=-1))
        if self.ssl is not None:
            x = x + self.ssl(batch.ssl)
        x = self.stack(x, layout.mask)
        said = torch.zeros_like(x)
        encoded = Encoded({}, {}, {})
        for name in LEVELS:
            units = layout.maps[name]
            quantized, codes, loss = self.levels[name](x, said, layout.mask, units)
            encoded.embeddings[name], encoded.codes[name] = quantized, codes
            encoded.commitment[name] = loss
            said = said + units.expand(quantized, len(x))
        return encoded


class Decoder(nn.Module):
    """Embeddings of any subset of levels, laid out in time, to prosody. It sees nothing else."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.patch = config.patch
        self.places = nn.ModuleDict(
            {name: nn.Linear(config.patch * PLACE_DIM, config.dim, bias=False) for name in LEVELS}
        )
        self.absent = nn.ParameterDict({n: nn.Parameter(torch.zeros(config.dim)) for n in LEVELS})
        self.stack = Stack(config.dim, config.decoder_dilations)
        self.norm = nn.LayerNorm(config.dim)
        self.frames = nn.Linear(config.dim, config.patch * SMOOTH_DIM)
        self.smooth = nn.Conv1d(SMOOTH_DIM, 3, SMOOTH_WIDTH, padding="same")
        self.word_timing = _head(config.dim, 1)
        self.phrase_timing = _head(config.dim, 2)

    def forward(
        self, embeddings: dict[str, Tensor], layout: Layout, present: Tensor | None = None
    ) -> Decoded:
        """Decode.

        Parameters
        ----------
        embeddings : dict of str to (M, D) tensors
            The units of each level; a level that is not there counts as absent.
        layout : Layout
            Where the units lie.
        present : (B, 3) bool, optional
            Levels that each utterance may use; all of `embeddings` when not given.
        """
        batch, steps, _ = layout.mask.shape
        places = layout.places.view(batch, steps, self.patch, len(LEVELS), PLACE_DIM)
        x = layout.mask.new_zeros(batch, steps, self.norm.normalized_shape[0])
        for column, name in enumerate(LEVELS):
            if name not in embeddings:
                x = x + self.absent[name]
                continue
            level = layout.maps[name].expand(embeddings[name], batch)
            level = level + self.places[name](places[:, :, :, column].flatten(2))
            if present is not None:
                keep = present[:, column, None, None]
                level = torch.where(keep, level, self.absent[name])
            x = x + level
        frames = F.gelu(self.frames(self.norm(self.stack(x, layout.mask)))) * layout.mask
        frames = frames.view(batch, steps * self.patch, SMOOTH_DIM).transpose(1, 2)
        f0, voicing, energy = self.smooth(frames).unbind(1)
        return Decoded(f0, voicing, energy, *self._timing(embeddings, layout))

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


def _head(dim: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, outputs))


class ProsodyNetwork(nn.Module):
    """Encoder and decoder, built from a `ModelConfig`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def embed(self, codes: dict[str, Tensor]) -> dict[str, Tensor]:
        """Embeddings (M, D) of the codes (M, K) of each level."""
        return {name: self.quantizer(name).embed(c) for name, c in codes.items()}

    def quantizer(self, name: str) -> LevelQuantizer:
        """The quantizer of a level."""
        level = self.encoder.levels[name]
        assert isinstance(level, Level)
        return level.quantizer
