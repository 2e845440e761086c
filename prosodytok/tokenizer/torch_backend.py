"""The network in torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from prosodytok.nn.batch import Decoded, Example
from prosodytok.nn.code_search import Search
from prosodytok.nn.encoder import Encoded
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.tensors import make_batch, make_layout, to_arrays
from prosodytok.types.errors import ConfigError
from prosodytok.types.segmentation import Hierarchy


class TorchBackend:
    """Runs a `ProsodyNetwork`; see `Backend`.

    Parameters
    ----------
    network : ProsodyNetwork
        The network with its weights.
    checkpoint : str
        Name that tokens carry.
    search : bool
        Whether codes are chosen by analysis by synthesis (see `nn.code_search`): better tokens,
        slower. A causal network always takes the nearest codes.
    """

    def __init__(self, network: ProsodyNetwork, checkpoint: str, search: bool = True) -> None:
        self.network = network
        self.config = network.config
        self.checkpoint = checkpoint
        self.search = search

    def encode(self, examples: Sequence[Example]) -> dict[str, NDArray[np.int64]]:
        """Codes (M, K) of each level, utterances concatenated."""
        return _to_arrays(self._run(examples).codes)

    def encode_with_loss(
        self, examples: Sequence[Example]
    ) -> tuple[dict[str, NDArray[np.int64]], float]:
        """The same, and the commitment loss of all levels."""
        encoded = self._run(examples)
        return _to_arrays(encoded.codes), float(sum(encoded.commitment.values()))

    def embed(self, level: str, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embeddings (M, D) of a level's codes (M, K)."""
        with self.network.inference():
            tensors = {level: torch.from_numpy(codes).to(self.network.device)}
            return self.network.embed(tensors)[level].cpu().numpy()

    def _run(self, examples: Sequence[Example]) -> Encoded:
        with self.network.inference():
            batch = make_batch(examples, self.config.patch, self.network.device)
            choose = Search(self.network, batch) if self.search else None
            return self.network.encode(batch, choose=choose)

    def decode(
        self, codes: Mapping[str, NDArray[np.int64]], hierarchies: Sequence[Hierarchy]
    ) -> Decoded[NDArray[np.float32]]:
        """Decode codes (M, K) of any subset of levels, utterances concatenated."""
        with self.network.inference():
            device = self.network.device
            tensors = {name: torch.from_numpy(chosen).to(device) for name, chosen in codes.items()}
            layout = make_layout(hierarchies, self.config.patch, device)
            return to_arrays(self.network.decode(tensors, layout))


def move_network(network: ProsodyNetwork, device: Any) -> None:
    """Move a network to a device.

    Raises
    ------
    ConfigError
        If it is not a device, or not available here; the network stays where it was.
    """
    before = network.device
    try:
        if isinstance(device, torch.dtype):
            raise TypeError("a precision, in which codes would differ")
        if torch.device(device).type == "meta":
            raise TypeError("a device without memory, on which weights are lost")
        network.to(torch.device(device))
    except (AssertionError, RuntimeError, TypeError) as error:
        network.to(before)
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"the tokenizer cannot run on {device} ({reason}): name a device of this machine, "
            "such as 'cpu' or 'cuda'"
        ) from error


def _to_arrays(codes: Mapping[str, Tensor]) -> dict[str, NDArray[np.int64]]:
    return {name: chosen.cpu().numpy() for name, chosen in codes.items()}
