"""The peers that are networks: how they are trained, encode and decode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from typing_extensions import override

from prosodytok import Prosody
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import Register, Segmentation

from .neural import fit_network
from .protocol import CodebookPeer, Codes, State
from .tracks import from_tracks, to_cells, to_tracks

#: An estimate of energy where a peer sends none: the recording's level (ranges above it).
NO_ENERGY = 0.0


class TrainedPeer(CodebookPeer):
    """A network of `autoencoder` or `vqvae`, trained for a number of minutes.

    Parameters
    ----------
    name : str
        What the table calls it.
    build : callable
        Makes the untrained network.
    codebook_sizes : tuple of int
        Its codebooks.
    streams : tuple of str
        What its codes carry.
    minutes : float
        Of training.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[], nn.Module],
        codebook_sizes: tuple[int, ...],
        streams: tuple[str, ...],
        minutes: float,
    ) -> None:
        self.name, self.codebook_sizes, self.streams = name, codebook_sizes, streams
        self.minutes, self.updates = minutes, 0
        torch.manual_seed(0)
        self.network = build().eval()

    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Train the network."""
        self.updates = fit_network(self.network, utterances, self.minutes)

    @override
    @torch.inference_mode()
    def encode(self, prosody: Prosody, spans: Segmentation, register: Register) -> Codes:
        """Codes (K, N) of units of fixed length."""
        cells = to_cells(to_tracks(prosody, register), self.network.frames)
        tracks = torch.from_numpy(cells.reshape(1, -1, 3))
        _, codes, _ = self.network.quantizer(self.network.encode(tracks))
        result: Codes = codes[0].numpy().T
        return result

    @override
    @torch.inference_mode()
    def decode(self, codes: Codes, spans: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (K, N)."""
        latents = self.network.quantizer.embed(torch.from_numpy(codes.T.copy())[None])
        decoded = self.network.decode(latents)[0, : spans.num_frames].numpy()
        tracks = np.full((len(decoded), 3), NO_ENERGY, dtype=np.float32)
        tracks[:, : decoded.shape[1]] = decoded
        tracks[:, 1] = decoded[:, 1] > 0
        return from_tracks(tracks, register)

    def learned(self) -> State:
        """Weights and buffers of the network, and how many updates made them."""
        weights = {f"network.{k}": v.numpy() for k, v in self.network.state_dict().items()}
        return {**weights, "updates": np.array([self.updates])}

    def learn(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `learned` gave."""
        prefix = "network."
        weights = {
            k.removeprefix(prefix): torch.from_numpy(np.array(v))
            for k, v in state.items()
            if k.startswith(prefix)
        }
        self.network.load_state_dict(weights)
        self.network.eval()
        self.updates = int(state["updates"].item())
