"""The boundary network: logits of word, syllable, phrase and pause events for each 10 ms."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from prosodytok.features.blocks import blocks
from prosodytok.features.ssl.bestrq_network import Block
from prosodytok.inference import inference
from prosodytok.io.limits import Count, Dilations, Width
from prosodytok.segmentation.learned.inputs import INPUTS, BoundaryInputs
from prosodytok.segmentation.learned.unit_search import EVENTS


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
    dilations: Dilations = (1, 2, 4, 8, 16, 1, 4, 8)
    expansion: Count = 3


class BoundaryNetwork(nn.Module):
    """Blocks of convolutions over frames, without strides, and a logit for each event.

    An output depends on the `context` frames around it and not on their place in the file.
    """

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
        """Frames on either side that can change an output."""
        return sum(self.config.kernel // 2 * d for d in self.config.dilations)

    def forward(self, features: Tensor) -> Tensor:
        """Logits (B, T, 4) of features (B, T, INPUTS)."""
        x = self.input(features)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.output(self.norm(x))
        return logits


@inference()
def boundary_logits(
    network: BoundaryNetwork, inputs: BoundaryInputs, block_frames: int = 6000
) -> NDArray[np.float32]:
    """Logits (T, 4) of a sound of any length, in bounded memory."""
    # One array for all: kept parts would keep the memory of each block from being used again.
    found, margin = np.empty((len(inputs), len(EVENTS)), dtype=np.float32), network.context
    for block in blocks(len(inputs), block_frames):
        features = inputs.part(block.start - margin, block.end + margin)
        logits = network(torch.from_numpy(features)[None])[0]
        found[block.start : block.end] = logits[margin : len(logits) - margin].numpy()
    return found
