"""Ideal code lengths of symbols from their frequencies in training speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Pseudo-count of every symbol, so that none has probability 0.
PRIOR = 0.5


@dataclass(frozen=True)
class UnigramTables:
    """Bits of each code of each codebook: -log2 of its relative frequency.

    An arithmetic coder with these tables needs one or two bits more for a whole utterance.
    """

    lengths: tuple[NDArray[np.float64], ...]

    @classmethod
    def fit(cls, codes: NDArray[np.int64], sizes: Sequence[int]) -> UnigramTables:
        """Count codes (K, N) of codebooks of the given sizes."""
        counts = [
            np.bincount(row, minlength=size) + PRIOR for row, size in zip(codes, sizes, strict=True)
        ]
        return cls(tuple(-np.log2(c / c.sum()) for c in counts))

    def bits(self, codes: NDArray[np.int64]) -> float:
        """Bits of codes (K, N)."""
        pairs = zip(self.lengths, codes, strict=True)
        return float(sum(lengths[row].sum() for lengths, row in pairs))

    def state(self) -> dict[str, NDArray[Any]]:
        """Tables as arrays."""
        return {f"table_{k}": lengths for k, lengths in enumerate(self.lengths)}

    @classmethod
    def load(cls, state: Mapping[str, NDArray[Any]]) -> UnigramTables:
        """Restore the arrays of `state`."""
        count = sum(name.startswith("table_") for name in state)
        return cls(tuple(state[f"table_{k}"] for k in range(count)))
