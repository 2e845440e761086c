"""The network that tells, 50 times a second, where words, syllables, phrases and pauses are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from prosodytok.features.mel import NUM_BANDS, STACK, STACKED_RATE, normalized_log_mel
from prosodytok.features.ssl.bestrq import bundled_encoder, encode_window
from prosodytok.features.ssl.bestrq_network import Block
from prosodytok.features.ssl.encoders import frames_around
from prosodytok.io.limits import Count, Dilations, Width
from prosodytok.segmentation.learned.unit_search import EVENTS, STEP
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.units import FRAME_RATE

#: What the network hears of a step: log-mel, and F0, voicing and energy, of each frame, ...
FRAME_INPUTS = NUM_BANDS + 3
#: ... and the BEST-RQ embedding around it.
SSL_INPUTS = 384
INPUTS = STEP * FRAME_INPUTS + SSL_INPUTS


class BoundaryConfig(BaseModel):
    """Shape of the network.

    Parameters
    ----------
    dim, kernel, expansion : int
        Channels, taps of each depthwise convolution, hidden channels of a block in units of `dim`.
    dilations : tuple of int
        One block for each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dim: Width = 128
    kernel: Count = 7
    dilations: Dilations = (1, 1, 2, 4, 8, 1, 2, 4)
    expansion: Count = 3


class BoundaryNetwork(nn.Module):
    """Blocks of convolutions over steps of 20 ms, and a logit for each event."""

    def __init__(self, config: BoundaryConfig) -> None:
        super().__init__()
        self.config = config
        self.input = nn.Linear(INPUTS, config.dim)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.kernel, dilation, config.expansion)
            for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(config.dim)
        self.output = nn.Linear(config.dim, len(EVENTS))

    @property
    def context(self) -> int:
        """Steps on either side that can change an output."""
        return sum(self.config.kernel // 2 * d for d in self.config.dilations)

    def forward(self, features: Tensor) -> Tensor:
        """Logits (B, S, 4) of features (B, S, INPUTS)."""
        x = self.input(features)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.output(self.norm(x))
        return logits


class Hearing:
    """What the network hears of a sound, (S, INPUTS) float32, worked out for a slice at a time.

    Of hours of sound all of it would take gigabytes.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames; S is T / 2, rounded up: a step for each 20 ms.
    """

    def __init__(self, audio: Audio, prosody: Prosody) -> None:
        self._mel = normalized_log_mel(audio, np.float16)  # of three hours still 170 MB
        self._prosody = normalize(prosody, Register.estimate(prosody))

    def __len__(self) -> int:
        return -(-len(self._prosody) // STEP)

    def __getitem__(self, steps: slice) -> NDArray[np.float32]:
        first, last, _ = steps.indices(len(self))
        # Log-mel comes in whole 40 ms, steps in whole 20 ms: what lacks is held.
        frame = np.minimum(np.arange(first * STEP, last * STEP), len(self._prosody) - 1)
        mel = self._mel[np.minimum(frame, len(self._mel) - 1)]
        heard = np.concatenate([mel, self._prosody[frame]], axis=1).reshape(last - first, -1)
        return np.concatenate([heard, self._embeddings(first, last)], axis=1, dtype=np.float32)

    def _embeddings(self, first: int, last: int) -> NDArray[np.float32]:
        """BEST-RQ embeddings of steps `first` to `last` - 1, interpolated: (., SSL_INPUTS)."""
        times = (np.arange(first, last) + 0.5) * STEP / FRAME_RATE
        left, right, weight = frames_around(times, len(self._mel) // STACK, STACKED_RATE)
        start, end = int(left[0]), int(right[-1]) + 1
        found = encode_window(bundled_encoder(), self._mel, start, end)
        return np.asarray((1 - weight) * found[left - start] + weight * found[right - start])


def boundary_features(audio: Audio, prosody: Prosody) -> NDArray[np.float32]:
    """What the network hears of a sound, as an array; see `Hearing`."""
    return Hearing(audio, prosody)[:]


@torch.inference_mode()
def boundary_logits(
    network: BoundaryNetwork, features: NDArray[np.float32] | Hearing, window: int = 4096
) -> NDArray[np.float32]:
    """Logits (S, 4) of features (S, INPUTS) of any length, in bounded memory."""
    parts = []
    for start in range(0, len(features), window):
        end = min(start + window, len(features))
        left = max(0, start - network.context)
        part = torch.from_numpy(features[left : end + network.context])[None]
        parts.append(network(part)[0, start - left : end - left].numpy())
    return np.concatenate(parts)
