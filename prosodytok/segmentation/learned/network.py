"""The boundary network: logits of word, syllable, phrase and pause events, 50 a second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from prosodytok.features.blocks import blocks
from prosodytok.features.initial_register import RANGE_LIMITS
from prosodytok.features.mel import NUM_BANDS, STACK, STACKED_RATE, normalized_log_mel
from prosodytok.features.ssl.bestrq import bundled_encoder, encode_part
from prosodytok.features.ssl.bestrq_network import Block
from prosodytok.features.ssl.encoders import frames_around
from prosodytok.inference import inference
from prosodytok.io.limits import Count, Dilations, Width
from prosodytok.segmentation.learned.unit_search import EVENTS, STEP
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.units import FRAME_RATE

#: Inputs of a step: log-mel, F0, voicing and energy of each frame ...
FRAME_INPUTS = NUM_BANDS + 3
#: ... and the BEST-RQ embedding at its centre.
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


class BoundaryInputs:
    """The network's inputs for a sound, (S, INPUTS) float32, computed slice by slice.

    For hours of sound the whole array would take gigabytes.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames; S is T / 2, rounded up: a step for each 20 ms.
    """

    def __init__(self, audio: Audio, prosody: Prosody) -> None:
        self._mel = normalized_log_mel(audio, np.float16)  # 170 MB for three hours
        self._prosody = normalize(prosody, _recording_register(prosody))

    def __len__(self) -> int:
        return -(-len(self._prosody) // STEP)

    def __getitem__(self, steps: slice) -> NDArray[np.float32]:
        first, last, _ = steps.indices(len(self))
        # Log-mel covers multiples of 40 ms, steps multiples of 20 ms: the last value is held.
        frame = np.minimum(np.arange(first * STEP, last * STEP), len(self._prosody) - 1)
        mel = self._mel[np.minimum(frame, len(self._mel) - 1)]
        frames = np.concatenate([mel, self._prosody[frame]], axis=1).reshape(last - first, -1)
        return np.concatenate([frames, self._embeddings(first, last)], axis=1, dtype=np.float32)

    def _embeddings(self, first: int, last: int) -> NDArray[np.float32]:
        """BEST-RQ embeddings of steps `first` to `last` - 1, interpolated: (., SSL_INPUTS)."""
        times = (np.arange(first, last) + 0.5) * STEP / FRAME_RATE
        left, right, weight = frames_around(times, len(self._mel) // STACK, STACKED_RATE)
        start, end = int(left[0]), int(right[-1]) + 1
        found = encode_part(bundled_encoder(), self._mel, start, end)
        return np.asarray((1 - weight) * found[left - start] + weight * found[right - start])


def boundary_features(audio: Audio, prosody: Prosody) -> NDArray[np.float32]:
    """The network's inputs for a whole sound, as an array; see `BoundaryInputs`."""
    return BoundaryInputs(audio, prosody)[:]


@inference()
def boundary_logits(
    network: BoundaryNetwork,
    features: NDArray[np.float32] | BoundaryInputs,
    block_steps: int = 4096,
) -> NDArray[np.float32]:
    """Logits (S, 4) of features (S, INPUTS) of any length, in bounded memory."""
    parts = []
    for block in blocks(len(features), block_steps, network.context):
        inputs = torch.from_numpy(features[block.first : block.last])[None]
        parts.append(network(inputs)[0, block.kept].numpy())
    return np.concatenate(parts)


def _recording_register(prosody: Prosody) -> Register:
    """The register by which the network was trained: its energy statistics are of all frames."""
    low, level = np.percentile(prosody.energy, [5, 90])
    return replace(
        Register.estimate(prosody),
        energy_level_db=float(level),
        energy_range_db=float(np.clip(level - low, *RANGE_LIMITS)),
    )
