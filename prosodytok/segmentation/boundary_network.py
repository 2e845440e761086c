"""The network that tells, 50 times a second, where words, syllables, phrases and pauses are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from prosodytok.audio import Audio
from prosodytok.features.bestrq import bundled_encoder, encode_windows
from prosodytok.features.bestrq_network import Block, Dilations, Expansion, Kernel, Width
from prosodytok.features.mel import NUM_BANDS, STACKED_RATE, normalized_log_mel
from prosodytok.features.normalize import Register, normalize
from prosodytok.features.ssl import align_frames
from prosodytok.prosody import Prosody
from prosodytok.segmentation.unit_search import EVENTS, STEP
from prosodytok.units import FRAME_RATE

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
    kernel: Kernel = 7
    dilations: Dilations = (1, 1, 2, 4, 8, 1, 2, 4)
    expansion: Expansion = 3


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


def boundary_features(audio: Audio, prosody: Prosody) -> NDArray[np.float32]:
    """What the network hears of a sound: (S, INPUTS) float32, a step for each 20 ms.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames; S is T / 2, rounded up.
    """
    mel = normalized_log_mel(audio)
    register = Register.estimate(prosody)
    frames = np.concatenate(
        [_fit(mel, prosody.num_frames), normalize(prosody, register)], axis=1, dtype=np.float32
    )
    odd = -len(frames) % STEP
    steps = np.pad(frames, [(0, odd), (0, 0)], mode="edge").reshape(-1, STEP * FRAME_INPUTS)
    embeddings = encode_windows(bundled_encoder(), mel)
    rate = FRAME_RATE / STEP
    return np.concatenate([steps, align_frames(embeddings, STACKED_RATE, rate, len(steps))], axis=1)


def _fit(mel: NDArray[np.float32], num_frames: int) -> NDArray[np.float32]:
    """Log-mel comes in whole 40 ms: cut it to the prosody's frames, or repeat the last."""
    missing = max(0, num_frames - len(mel))
    return np.pad(mel[:num_frames], [(0, missing), (0, 0)], mode="edge")


@torch.inference_mode()
def boundary_logits(
    network: BoundaryNetwork, features: NDArray[np.float32], window: int = 4096
) -> NDArray[np.float32]:
    """Logits (S, 4) of features (S, INPUTS) of any length, in bounded memory."""
    parts = []
    for start in range(0, len(features), window):
        end = min(start + window, len(features))
        left = max(0, start - network.context)
        part = torch.from_numpy(features[left : end + network.context])[None]
        parts.append(network(part)[0, start - left : end - left].numpy())
    return np.concatenate(parts)
