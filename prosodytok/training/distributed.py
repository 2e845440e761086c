"""Training in several processes: the rank of this one, and reductions over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed

T = TypeVar("T")


@dataclass(frozen=True)
class Rank:
    """One of the processes that train together: its rank, and the number of processes."""

    index: int = 0
    count: int = 1

    def share(self, items: Sequence[T]) -> list[T]:
        """Every `count`-th item; ranks share an item where there are fewer items than ranks."""
        return list(items[self.index % max(1, len(items)) :: self.count])


#: A run of one process.
SINGLE_PROCESS = Rank()


def sum_over_ranks(x: Tensor, device: torch.device | None = None) -> Tensor:
    """Sum of a tensor over all processes, which communicate by `device`; no gradient."""
    if not _initialized():
        return x.detach()
    summed = x.detach().to(device or x.device, copy=True)
    distributed.all_reduce(summed)
    return summed


def mean_over_ranks(x: Tensor) -> Tensor:
    """Mean of a tensor over all processes, identical in each; without a gradient."""
    return sum_over_ranks(x) / (distributed.get_world_size() if _initialized() else 1)


def _initialized() -> bool:
    return distributed.is_available() and distributed.is_initialized()
