"""The hierarchical VQ autoencoder: prosody to codes, coarse to fine, and any subset back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from prosodytok.inference import inference
from prosodytok.nn.causal_encoder import CausalEncoder
from prosodytok.nn.config import EncoderKind, ModelConfig
from prosodytok.nn.decoder import Decoder
from prosodytok.nn.encoder import Choose, Encoded, Encoder
from prosodytok.nn.quantizer import Quantizer
from prosodytok.nn.tensors import TensorBatch, TensorDecoded, TensorLayout
from prosodytok.types.errors import ConfigError

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

    @property
    def device(self) -> torch.device:
        """Device of the weights."""
        return next(self.parameters()).device

    @contextmanager
    def inference(self) -> Iterator[None]:
        """Context in which codes do not depend on the program; see `prosodytok.inference`.

        Raises
        ------
        ConfigError
            If the weights have been converted to another precision.
        """
        parts = (
            (self.encoder, (torch.float32, self.encoder.dtype)),
            (self.decoder, (torch.float32,)),
        )
        for part, dtypes in parts:
            for weights in part.parameters():
                if weights.dtype not in dtypes:
                    raise ConfigError(
                        f"the network has been converted to {weights.dtype}, in which codes "
                        "differ: load the tokenizer again and leave its precision as it is"
                    )
        with inference(self.device.type):
            yield
