"""The network of the BEST-RQ encoder: log-mel to 25 embeddings per second."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn.functional import pad

from prosodytok.features.mel import NUM_BANDS
from prosodytok.io.limits import MAX_BLOCKS, Count, Dilations, Width


class BestRQConfig(BaseModel):
    """Shape of the network.

    Parameters
    ----------
    dim : int
        Channels.
    kernel : int
        Taps of each depthwise convolution; odd.
    dilations : tuple of int
        One block for each.
    expansion : int
        Hidden channels of a block, in units of `dim`.
    outputs : tuple of int
        Blocks with outputs that are concatenated to the embedding; 0 is the input of the first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dim: Width = 192
    kernel: Count = 7
    dilations: Dilations = (1, 1, 2, 2, 4, 4, 1)
    expansion: Count = 4
    outputs: tuple[int, ...] = Field(default=(7,), max_length=MAX_BLOCKS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kernel % 2 == 0:
            raise ValueError(
                f"kernel must be odd, not {self.kernel}: outputs would lie between frames"
            )
        last = len(self.dilations)
        if not self.outputs or not all(0 <= output <= last for output in self.outputs):
            raise ValueError(f"outputs must be blocks 0 to {last}, not {list(self.outputs)}")
        return self


class Block(nn.Module):
    """A depthwise convolution over time and two layers over channels, with a residual connection.

    References
    ----------
    Z. Liu et al., "A ConvNet for the 2020s", CVPR 2022.
    """

    def __init__(self, dim: int, kernel: int, dilation: int, expansion: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Parameter(torch.randn(kernel, dim) * kernel**-0.5)
        self.norm = nn.LayerNorm(dim)
        self.wide = nn.Linear(dim, expansion * dim)
        self.narrow = nn.Linear(expansion * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """(B, S, D) to (B, S, D)."""
        num_frames = x.shape[1]
        margin = len(self.taps) // 2 * self.dilation
        padded = pad(x, (0, 0, margin, margin))
        # On CPUs a sum of shifted products is faster than a grouped Conv1d, especially in training.
        mixed = torch.zeros_like(x)
        for i, tap in enumerate(self.taps):
            start = i * self.dilation
            mixed = mixed + padded[:, start : start + num_frames] * tap
        out: Tensor = x + self.narrow(nn.functional.gelu(self.wide(self.norm(mixed))))
        return out


class BestRQNetwork(nn.Module):
    """Two strided convolutions, from 100 to 25 frames per second, and blocks.

    The receptive field is `context` frames on either side, so encoding long sounds in overlapping
    windows gives the same result.
    """

    center: Tensor
    spread: Tensor

    def __init__(self, config: BestRQConfig) -> None:
        super().__init__()
        self.config = config
        # With even kernels, output frame i is centred on input frames 4 i to 4 i + 3.
        self.halve = nn.Conv1d(NUM_BANDS, config.dim, kernel_size=4, stride=2, padding=1)
        self.quarter = nn.Conv1d(config.dim, config.dim, kernel_size=4, stride=2, padding=1)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.kernel, dilation, config.expansion)
            for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(config.dim)
        self.register_buffer("center", torch.zeros(self.embedding_dim))
        self.register_buffer("spread", torch.ones(self.embedding_dim))

    @property
    def embedding_dim(self) -> int:
        """Size of one embedding."""
        return self.config.dim * len(self.config.outputs)

    @property
    def context(self) -> int:
        """Frames (25 a second) on either side that can change an output."""
        return 1 + sum(self.config.kernel // 2 * d for d in self.config.dilations)

    def layers(self, mel: Tensor) -> list[Tensor]:
        """Outputs (B, S, D) of the stem and of every block, for log-mel (B, 4 S, 80)."""
        halved = nn.functional.gelu(self.halve(mel.transpose(1, 2)))
        layers = [self.quarter(halved).transpose(1, 2)]
        for block in self.blocks:
            layers.append(block(layers[-1]))
        return layers

    def forward(self, mel: Tensor) -> Tensor:
        """Normalised output of the last block, (B, S, D), from which codes are predicted."""
        out: Tensor = self.norm(self.layers(mel)[-1])
        return out

    def embed(self, mel: Tensor) -> Tensor:
        """The embedding, (B, S, embedding_dim): the normalised `outputs`, concatenated."""
        embedding: Tensor = (self._outputs(mel) - self.center) / self.spread
        return embedding

    @torch.no_grad()
    def standardize(self, mels: Iterable[Tensor]) -> None:
        """Set the embedding's normalisation to mean 0 and deviation 1 over these sounds."""
        frames = torch.cat([self._outputs(mel).flatten(0, 1) for mel in mels])
        self.center.copy_(frames.mean(dim=0))
        self.spread.copy_(frames.std(dim=0).clamp(min=1e-3))

    def _outputs(self, mel: Tensor) -> Tensor:
        layers = self.layers(mel)
        chosen = [layers[i] for i in self.config.outputs]
        return torch.cat([nn.functional.layer_norm(x, x.shape[-1:]) for x in chosen], dim=-1)
