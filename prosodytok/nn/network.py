"""The hierarchical VQ autoencoder: prosody to codes, coarse to fine, and any subset back."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from prosodytok.nn.causal_encoder import CausalEncoder
from prosodytok.nn.config import EncoderKind, ModelConfig
from prosodytok.nn.decoder import Decoder
from prosodytok.nn.encoder import Choose, Encoded, Encoder
from prosodytok.nn.quantizer import Quantizer
from prosodytok.nn.tensors import TensorBatch, TensorDecoded, TensorLayout

#: The encoder of each kind.
ENCODERS: dict[EncoderKind, type[Encoder] | type[CausalEncoder]] = {
    "whole": Encoder,
    "causal": CausalEncoder,
}


class ProsodyNetwork(nn.Module):
    """Encoder and decoder.

    Parameters
    ----------
    config : ModelConfig
        Configuration of the network.
    trainable : bool
        Whether the codebooks can be trained, which needs vector-quantize-pytorch; names and shapes
        of the state are the same without.
    """

    def __init__(self, config: ModelConfig, trainable: bool = False) -> None:
        super().__init__()
        self.config = config
        self.encoder = ENCODERS[config.encoder](config, trainable)
        self.decoder = Decoder(config)

    def encode(
        self, batch: TensorBatch, present: Tensor | None = None, choose: Choose | None = None
    ) -> Encoded:
        """Encode a batch.

        Parameters
        ----------
        batch : Batch of Tensor
            Utterances.
        present : (B, 2) bool, optional
            Whether the frame level may build on phrases, and on words; by default on both.
        choose : callable, optional
            Chooses a level's codes; by default the nearest.
        """
        return self.encoder(batch, self.decoder, present, choose)  # type: ignore[no-any-return]

    def decode(self, codes: dict[str, Tensor], layout: TensorLayout) -> TensorDecoded:
        """Decode the codes (M, K) of any subset of levels."""
        return self.decoder(self.embed(codes), layout)  # type: ignore[no-any-return]

    def embed(self, codes: dict[str, Tensor]) -> dict[str, Tensor]:
        """Embeddings (M, D) of the codes (M, K) of each level."""
        return {name: self.quantizer(name).embed(c).float() for name, c in codes.items()}

    def quantizer(self, level: str) -> Quantizer:
        """The quantizer of a level."""
        return cast(Quantizer, self.encoder.levels[level].quantizer)
