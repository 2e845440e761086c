"""Peers that are neural networks."""

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

from .network_training import fit_network
from .peer import CodebookPeer, Codes, State
from .tracks import from_tracks, to_blocks, to_tracks

#: Energy of peers that code none: the level of the recording (normalised).
NO_ENERGY = 0.0


class TrainedPeer(CodebookPeer):
    """A network of `autoencoder`, trained for a number of minutes to code some streams."""

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
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (K, N) of units of fixed length."""
        blocks = to_blocks(to_tracks(prosody, register), self.network.frames)
        tracks = torch.from_numpy(blocks.reshape(1, -1, 3))
        _, codes, _ = self.network.quantizer(self.network.encode(tracks))
        result: Codes = codes[0].numpy().T
        return result

    @override
    @torch.inference_mode()
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (K, N)."""
        latents = self.network.quantizer.embed(torch.from_numpy(codes.T.copy())[None])
        decoded = self.network.decode(latents)[0, : units.num_frames].numpy()
        tracks = np.full((len(decoded), 3), NO_ENERGY, dtype=np.float32)
        tracks[:, : decoded.shape[1]] = decoded
        tracks[:, 1] = decoded[:, 1] > 0
        return from_tracks(tracks, register)

    def fitted_state(self) -> State:
        """Weights and buffers of the network, and the number of updates."""
        weights = {f"network.{k}": v.numpy() for k, v in self.network.state_dict().items()}
        return {**weights, "updates": np.array([self.updates])}

    def load_fitted(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `fitted_state`."""
        prefix = "network."
        weights = {
            k.removeprefix(prefix): torch.from_numpy(np.array(v))
            for k, v in state.items()
            if k.startswith(prefix)
        }
        self.network.load_state_dict(weights)
        self.network.eval()
        self.updates = int(state["updates"].item())
