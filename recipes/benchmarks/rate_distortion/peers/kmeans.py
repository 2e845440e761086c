"""K-means with a weight for each entry of each vector, and residual k-means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tracks import Array

ITERATIONS, REFINEMENTS = 15, 4
#: Vectors on which a quantiser is fitted, and vectors compared with all centres at once.
FIT_VECTORS, CHUNK = 40_000, 2048


def nearest(values: Array, weights: Array, centres: Array) -> NDArray[np.int64]:
    """Index of the centre (K, D) with the least weighted squared distance, for vectors (N, D)."""
    codes = np.empty(len(values), dtype=np.int64)
    products, squares = -2 * centres.T, np.square(centres).T
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        weight = weights[part]
        distances = (weight * values[part]) @ products + weight @ squares
        codes[part] = distances.argmin(axis=1)
    return codes


def means(values: Array, weights: Array, codes: NDArray[np.int64], size: int) -> Array:
    """Weighted mean (size, D) of the vectors (N, D) of each code; 0 without weight."""
    total = np.zeros((size, values.shape[1]))
    weight = np.zeros_like(total)
    np.add.at(total, codes, weights * values)
    np.add.at(weight, codes, weights)
    return (total / np.maximum(weight, 1e-9)).astype(np.float32)


def fit_kmeans(values: Array, weights: Array, size: int, seed: int = 0) -> Array:
    """Centres (size, D) of vectors (N, D) by Lloyd's iterations; unused centres are redrawn."""
    rng = np.random.default_rng(seed)
    centres = values[rng.choice(len(values), size, replace=len(values) < size)]
    for _ in range(ITERATIONS):
        codes = nearest(values, weights, centres)
        centres = means(values, weights, codes, size)
        (unused,) = np.nonzero(np.bincount(codes, minlength=size) == 0)
        centres[unused] = values[rng.choice(len(values), len(unused))]
    return centres


@dataclass(frozen=True)
class ResidualKMeans:
    """Residual VQ: each codebook codes the residual of those before it (Juang and Gray, 1982).

    Encoding searches all combinations of codes, and the codebooks, (size, D) each, are refined for
    this joint search, which is better than a greedy one.
    """

    centres: tuple[Array, ...]

    @classmethod
    def fit(cls, values: Array, weights: Array, sizes: Sequence[int]) -> ResidualKMeans:
        """Fit codebooks of the given sizes to vectors (N, D) with weights (N, D)."""
        chosen = np.random.default_rng(0).permutation(len(values))[:FIT_VECTORS]
        values, weights = values[chosen], weights[chosen]
        books: list[Array] = []
        residual = values
        for size in sizes:
            books.append(fit_kmeans(residual, weights, size))
            residual = residual - books[-1][nearest(residual, weights, books[-1])]
        for _ in range(REFINEMENTS if len(sizes) > 1 else 0):
            codes = cls(tuple(books)).encode(values, weights)
            residual = values - cls(tuple(books)).decode(codes)
            for k, row in enumerate(codes):
                targets = residual + books[k][row]
                used = np.bincount(row, minlength=sizes[k]) > 0
                refined = means(targets, weights, row, sizes[k])
                books[k] = np.where(used[:, None], refined, books[k])
                residual = targets - books[k][row]
        return cls(tuple(books))

    def encode(self, values: Array, weights: Array) -> NDArray[np.int64]:
        """Codes (K, N) of vectors (N, D)."""
        sizes = [len(book) for book in self.centres]
        sums = np.zeros((1, values.shape[1]), dtype=np.float32)
        for book in self.centres:
            sums = (sums[:, None] + book[None]).reshape(-1, values.shape[1])
        joint = nearest(values, weights, sums)
        strides = [prod(sizes)] + [prod(sizes) // x for x in accumulate(sizes, mul)]
        rows = [joint % strides[k] // strides[k + 1] for k in range(len(sizes))]
        return np.stack(rows)

    def decode(self, codes: NDArray[np.int64]) -> Array:
        """Vectors (N, D) of codes (K, N)."""
        pairs = zip(self.centres, codes, strict=True)
        return np.sum([book[row] for book, row in pairs], axis=0, dtype=np.float32)

    def state(self) -> dict[str, NDArray[Any]]:
        """Codebooks as arrays."""
        return {f"centres_{k}": book for k, book in enumerate(self.centres)}

    @classmethod
    def load(cls, state: Mapping[str, NDArray[Any]]) -> ResidualKMeans:
        """Restore the arrays of `state`."""
        count = sum(name.startswith("centres_") for name in state)
        return cls(tuple(state[f"centres_{k}"] for k in range(count)))
