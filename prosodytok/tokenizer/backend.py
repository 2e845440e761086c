"""Interface of the backends, which run the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.batch import Decoded, Example
from prosodytok.nn.config import ModelConfig
from prosodytok.types.segmentation import Hierarchy

#: The bundled checkpoint that is used when none is named.
DEFAULT = "base"


class Backend(Protocol):
    """A network with its weights in any runtime. Inputs and outputs are NumPy arrays.

    Attributes
    ----------
    config : ModelConfig
        Configuration of the network.
    checkpoint : str
        Name that tokens carry; tokens decode only with the checkpoint that made them.
    """

    config: ModelConfig
    checkpoint: str

    @property
    def network(self) -> Any:
        """The network in torch. Raises CheckpointError if there is none."""

    def encode(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        """Codes (M, K) of each level, utterances concatenated."""

    def encode_with_loss(
        self, examples: Sequence[Example]
    ) -> tuple[dict[str, NDArray[np.int64]], float]:
        """The same, and the commitment loss of all levels. Needs a network in torch."""

    def embed(self, level: str, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embeddings (M, D) of a level's codes (M, K). Needs a network in torch."""

    def decode(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> Decoded[NDArray[np.float32]]:
        """Decode codes (M, K) of any subset of levels, utterances concatenated."""
