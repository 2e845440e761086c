"""How much of its codebooks a tokenizer uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


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
        use = use_of(np.bincount(row, minlength=size))
        found.append(CodebookUse(size, float(use["usage"]), float(use["perplexity"])))
    return found


def use_of(counts: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Usage and perplexity, (...) each, of how often each of V codes occurs, (..., V)."""
    n = np.asarray(counts, dtype=np.float64)
    p = n / n.sum(axis=-1, keepdims=True)
    entropy = -np.sum(p * np.log(p, out=np.zeros_like(p), where=p > 0), axis=-1)
    return {"usage": np.mean(n > 0, axis=-1), "perplexity": np.exp(entropy)}
