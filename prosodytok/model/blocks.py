"""The one building block of encoder and decoder."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DilatedBlock(nn.Module):
    """Residual block: three dilated taps, GELU, projection; (B, S, D) to (B, S, D).

    Padding steps are zeroed before the taps reach across them, so an utterance comes out the same
    however far it is padded.
    """

    def __init__(self, dim: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(dim)
        self.taps = nn.Linear(3 * dim, dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        y = F.pad(self.norm(x) * mask, (0, 0, self.dilation, self.dilation))
        steps, d = x.shape[1], self.dilation
        y = torch.cat([y[:, :steps], y[:, d : d + steps], y[:, 2 * d :]], dim=-1)
        return x + self.out(F.gelu(self.taps(y)))  # type: ignore[no-any-return]


class Stack(nn.Module):
    """Residual blocks in a row."""

    def __init__(self, dim: int, dilations: Iterable[int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(DilatedBlock(dim, dilation) for dilation in dilations)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Transform (B, S, D) under a mask (B, S, 1)."""
        for block in self.blocks:
            x = block(x, mask)
        return x
