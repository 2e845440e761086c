"""How much of its codebooks a tokenizer uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class CodebookUse:
    """Use of one codebook.

    Parameters
    ----------
    size : int
        Codes that there are.
    usage : float
        Share of them that occur.
    perplexity : float
        Exponential of the entropy of the codes that occur, from 1 to `size`.
    """

    size: int
    usage: float
    perplexity: float


def codebook_use(codes: NDArray[np.int64], sizes: Sequence[int]) -> list[CodebookUse]:
    """Measure each of K codebooks, of the given sizes, on codes of shape (K, N), N > 0."""
    found = []
    for row, size in zip(codes, sizes, strict=True):
        p = np.bincount(row, minlength=size) / row.size
        entropy = -np.sum(p[p > 0] * np.log(p[p > 0]))
        found.append(CodebookUse(size, float((p > 0).mean()), float(np.exp(entropy))))
    return found
