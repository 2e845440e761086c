"""Layers of the encoder and the decoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DilatedBlock(nn.Module):
    """Residual block: three dilated taps around a step, GELU, projection; (B, S, D) to (B, S, D).

    Padding steps are zeroed before the taps reach them, so the output of an utterance does not
    depend on its padding.
    """

    #: Dilations that the taps reach before and after a step.
    before, after = 1, 1

    def __init__(self, dim: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(dim)
        self.taps = nn.Linear(3 * dim, dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        steps, d = x.shape[1], self.dilation
        y = F.pad(self.norm(x) * mask, (0, 0, self.before * d, self.after * d))
        y = torch.cat([y[:, :steps], y[:, d : d + steps], y[:, 2 * d :]], dim=-1)
        return x + self.out(F.gelu(self.taps(y)))  # type: ignore[no-any-return]


class CausalBlock(DilatedBlock):
    """The same with its taps at a step and before it, so that steps can be computed one by one."""

    before, after = 2, 0

    def start(self) -> Tensor:
        """State of `step` at the start of an utterance."""
        return self.out.weight.new_zeros(1, 2 * self.dilation, self.out.out_features)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The next step (B, 1, D), and the state (B, 2 * dilation, D) for the one after it."""
        y = torch.cat([state, self.norm(x)], dim=1)
        taps = y[:, :: self.dilation].flatten(1)[:, None]
        return x + self.out(F.gelu(self.taps(taps))), y[:, 1:]


class Stack(nn.Module):
    """Residual blocks in series."""

    block: type[DilatedBlock] = DilatedBlock

    def __init__(self, dim: int, dilations: Iterable[int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(self.block(dim, d) for d in dilations)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        for block in self.blocks:
            x = block(x, mask)
        return x


class CausalStack(Stack):
    """Causal residual blocks in series."""

    block = CausalBlock

    def start(self) -> list[Tensor]:
        """State of `step` at the start of an utterance."""
        return [block.start() for block in self._causal()]

    def step(self, x: Tensor, state: list[Tensor]) -> Tensor:
        """The next step (B, 1, D); updates the state of each block."""
        for i, block in enumerate(self._causal()):
            x, state[i] = block.step(x, state[i])
        return x

    def _causal(self) -> Iterator[CausalBlock]:
        return (cast(CausalBlock, block) for block in self.blocks)


#: Frames of all utterances whose windows are copied at once: they should fit into the cache.
FRAMES_AT_ONCE = 1 << 12


class FrameConv(nn.Conv1d):
    """Convolution over frames, (B, T, C) to (B, T, C'), as one matrix product.

    For few channels this is several times faster on a CPU than the convolution.
    """

    def __init__(self, channels: int, outputs: int, width: int) -> None:
        super().__init__(channels, outputs, width)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, T, C), zeros beyond both ends."""
        (width,) = self.kernel_size
        x = F.pad(x, (0, 0, width // 2, width // 2))
        if torch.compiler.is_compiling():  # other runtimes have fast convolutions
            return super().forward(x.transpose(1, 2)).transpose(1, 2)
        # Time before channels, the order in memory: each window is one contiguous copy.
        windows = x.unfold(1, width, 1).transpose(2, 3)
        weight = self.weight.transpose(1, 2).flatten(1)
        parts = [
            F.linear(part.flatten(2), weight, self.bias)
            for part in torch.split(windows, max(1, FRAMES_AT_ONCE // len(x)), dim=1)
        ]
        return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]


class FrameBlock(nn.Module):
    """Residual block over single frames (10 ms): a wide convolution, GELU, projection.

    It smooths the transitions between network steps; (B, T, C) to (B, T, C).
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.taps = FrameConv(channels, channels, width)
        self.out = FrameConv(channels, channels, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, T, C) under a mask (B, T, 1)."""
        return x + self.out(F.gelu(self.taps(x * mask)))  # type: ignore[no-any-return]
