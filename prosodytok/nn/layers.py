"""The building blocks of encoder and decoder."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DilatedBlock(nn.Module):
    """Residual block: three dilated taps, GELU, projection; (B, S, D) to (B, S, D).

    Padding steps are zeroed before the taps reach across them, so an utterance comes out the same
    however far it is padded. The taps lie around a step, or, where `causal`, at it and before it.
    """

    def __init__(self, dim: int, dilation: int, causal: bool = False) -> None:
        super().__init__()
        self.dilation = dilation
        self.after = 0 if causal else dilation
        self.norm = nn.LayerNorm(dim)
        self.taps = nn.Linear(3 * dim, dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        steps, d = x.shape[1], self.dilation
        y = F.pad(self.norm(x) * mask, (0, 0, 2 * d - self.after, self.after))
        y = torch.cat([y[:, :steps], y[:, d : d + steps], y[:, 2 * d :]], dim=-1)
        return x + self.out(F.gelu(self.taps(y)))  # type: ignore[no-any-return]

    def start(self) -> Tensor:
        """What `step` takes as `before` when nothing is before it."""
        return self.out.weight.new_zeros(1, 2 * self.dilation, self.out.out_features)

    def step(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """The next step (B, 1, D) alone, of a causal block.

        `before` (B, 2 * dilation, D) is what the last call gave beside the step.
        """
        y = torch.cat([before, self.norm(x)], dim=1)
        taps = y[:, :: self.dilation].flatten(1)[:, None]
        return x + self.out(F.gelu(self.taps(taps))), y[:, 1:]


class Stack(nn.Module):
    """Residual blocks in a row."""

    def __init__(self, dim: int, dilations: Iterable[int], causal: bool = False) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(DilatedBlock(dim, d, causal) for d in dilations)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        for block in self.blocks:
            x = block(x, mask)
        return x


#: Frames whose windows are laid out at once, of all utterances: what fits into a cache is faster.
FRAMES_AT_ONCE = 1 << 12


class FrameConv(nn.Conv1d):
    """Convolution over frames, (B, T, C) to (B, T, C'), as one matrix product.

    On a CPU this takes a fraction of the time of the convolution for so few channels.
    """

    def __init__(self, channels: int, outputs: int, width: int) -> None:
        super().__init__(channels, outputs, width)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, T, C), zeros beyond both ends."""
        (width,) = self.kernel_size
        x = F.pad(x, (0, 0, width // 2, width // 2))
        if torch.compiler.is_compiling():  # other runtimes' own convolutions are fast
            return super().forward(x.transpose(1, 2)).transpose(1, 2)
        # Time before channels, as they lie in memory: a window is then copied in one stretch.
        windows = x.unfold(1, width, 1).transpose(2, 3)
        weight = self.weight.transpose(1, 2).flatten(1)
        parts = [
            F.linear(part.flatten(2), weight, self.bias)
            for part in torch.split(windows, max(1, FRAMES_AT_ONCE // len(x)), dim=1)
        ]
        return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]


class FrameBlock(nn.Module):
    """Residual block over single frames (10 ms): a wide convolution, GELU, projection.

    It joins what neighbouring network steps say; (B, T, C) to (B, T, C).
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.taps = FrameConv(channels, channels, width)
        self.out = FrameConv(channels, channels, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, T, C) under a mask (B, T, 1)."""
        return x + self.out(F.gelu(self.taps(x * mask)))  # type: ignore[no-any-return]
