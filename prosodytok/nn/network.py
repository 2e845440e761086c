"""The hierarchical VQ autoencoder: prosody to codes, coarse to fine, and any subset back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from prosodytok.nn.causal_encoder import CausalEncoder, CellLevel, UnitLevel
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.decoder import UNITS, Coarse, Decoded, Decoder
from prosodytok.nn.encoder import Encoder, Level, ShapeLevel
from prosodytok.nn.f0_shapes import ShapeQuantizer
from prosodytok.nn.quantizer import LevelQuantizer
from prosodytok.nn.tensors import Batch, Layout
from prosodytok.types.tokens import LEVELS

#: From a level's name, its units (M, D), the embeddings of coarser levels and what those decode to
#: (None before the frame level): the codes (M, K) that stand for the units.
Choose = Callable[[str, Tensor, dict[str, Tensor], Coarse | None], Tensor]


@dataclass(frozen=True)
class Encoded:
    """What the encoder found.

    Parameters
    ----------
    embeddings, codes, commitment : dict of str to Tensor
        Of each level: units (M, D), codes (M, K), commitment loss ().
    coarse : Coarse
        What the codes of phrases and words decode to.
    """

    embeddings: dict[str, Tensor]
    codes: dict[str, Tensor]
    commitment: dict[str, Tensor]
    coarse: Coarse


class ProsodyNetwork(nn.Module):
    """Encoder and decoder, built from a `ModelConfig`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config) if config.lookahead is None else CausalEncoder(config)
        self.decoder = Decoder(config)

    def encode(
        self, batch: Batch, present: Tensor | None = None, choose: Choose | None = None
    ) -> Encoded:
        """Encode a batch, coarse to fine: each level says what coarser ones left.

        Parameters
        ----------
        batch : Batch
            Utterances.
        present : (B, 2) bool, optional
            Whether the frame level may build on phrases, and on words; all when not given.
        choose : callable, optional
            Chooses a level's codes; the nearest are taken when not given.
        """
        layout = batch.layout
        if isinstance(self.encoder, CausalEncoder):
            return self._encode_apart(self.encoder(batch), layout, present)
        x = self.encoder(batch)
        said, coarse = torch.zeros_like(x), None
        embeddings: dict[str, Tensor] = {}
        codes: dict[str, Tensor] = {}
        commitment: dict[str, Tensor] = {}
        for name in LEVELS:
            if name == "frame":
                coarse = self.decoder.coarse(embeddings, layout, present)
                x = x + self.encoder.remainder(batch, coarse.streams)
            units = self.level(name)(batch, x, said)
            chosen = choose(name, units, embeddings, coarse) if choose else None
            quantized, codes[name], commitment[name] = self._quantize(name, units, chosen)
            embeddings[name] = quantized
            said = said + layout.maps[name].expand(quantized, x.shape[0])
        assert coarse is not None
        return Encoded(embeddings, codes, commitment, coarse)

    def _encode_apart(
        self, units: dict[str, Tensor], layout: Layout, present: Tensor | None
    ) -> Encoded:
        """Quantize units (M, D) of each level; none is told what another one says."""
        embeddings: dict[str, Tensor] = {}
        codes: dict[str, Tensor] = {}
        commitment: dict[str, Tensor] = {}
        for name in LEVELS:
            nearest = None if self.training else self.quantizer(name).candidates(units[name], 1)
            chosen = None if nearest is None else nearest[:, 0]
            quantized, codes[name], commitment[name] = self._quantize(name, units[name], chosen)
            embeddings[name] = quantized.to(layout.mask)
        coarse = self.decoder.coarse({n: embeddings[n] for n in UNITS}, layout, present)
        return Encoded(embeddings, codes, commitment, coarse)

    def _quantize(
        self, name: str, units: Tensor, codes: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings, codes and commitment of units (M, D): the nearest codes, or given ones."""
        quantizer = self.quantizer(name)
        if codes is None:
            return quantizer(units)  # type: ignore[no-any-return]
        return quantizer.embed(codes), codes, quantizer.commitment(units, codes)

    def decode(self, codes: dict[str, Tensor], layout: Layout) -> Decoded:
        """Decode the codes (M, K) of any subset of levels."""
        return self.decoder(self.embed(codes), layout)  # type: ignore[no-any-return]

    def embed(self, codes: dict[str, Tensor]) -> dict[str, Tensor]:
        """Embeddings (M, D) of the codes (M, K) of each level."""
        return {name: self.quantizer(name).embed(c).float() for name, c in codes.items()}

    def quantizer(self, name: str) -> LevelQuantizer | ShapeQuantizer:
        """The quantizer of a level."""
        return self.level(name).quantizer

    def level(self, name: str) -> Level | ShapeLevel | UnitLevel | CellLevel:
        """A level of the encoder."""
        level = self.encoder.levels[name]
        assert isinstance(level, Level | ShapeLevel | UnitLevel | CellLevel)
        return level
