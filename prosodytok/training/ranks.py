"""Training in several processes: which one this is, and sums over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed

T = TypeVar("T")


@dataclass(frozen=True)
class Rank:
    """One of the processes that train together.

    Parameters
    ----------
    index, count : int
        Which one, and how many there are.
    """

    index: int = 0
    count: int = 1

    def share(self, items: Sequence[T]) -> list[T]:
        """Every `count`-th of some items; where there are fewer, ranks have the same one."""
        return list(items[self.index % max(1, len(items)) :: self.count])


#: A run of one process.
WHOLE = Rank()


def total(x: Tensor, device: torch.device | None = None) -> Tensor:
    """Sum of a tensor over all processes, the same in each; without a gradient.

    Where there are several it is computed on, and comes back from, the device that they talk by.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return x.detach()
    summed = x.detach().to(device or x.device, copy=True)
    distributed.all_reduce(summed)
    return summed


def average(x: Tensor) -> Tensor:
    """Mean of a tensor over all processes, the same in each; without a gradient."""
    among = distributed.is_available() and distributed.is_initialized()
    return total(x) / (distributed.get_world_size() if among else 1)
