"""Unit edit distance.

Gat et al. (2023), "Augmentation invariant discrete representation for generative spoken language
modeling", https://aclanthology.org/2023.iwslt-1.46.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def count_unit_edits(original: NDArray[np.int64], copy: NDArray[np.int64]) -> int:
    """Edits that turn the codes of a recording into those of a copy, repeated codes counted once.

    Parameters
    ----------
    original, copy : (K, N), (K, M) int64
        Codes in the order of time; a symbol is the combination of K codes.

    Returns
    -------
    int
        The Levenshtein distance of the two sequences of symbols after repetitions are removed.
    """
    both = np.concatenate([original, copy], axis=1)
    symbols = np.unique(both, axis=1, return_inverse=True)[1].ravel()
    parts = symbols[: original.shape[1]], symbols[original.shape[1] :]
    return edit_distance(*(_without_repetitions(part) for part in parts))


def edit_distance(first: ArrayLike, second: ArrayLike) -> int:
    """Least number of insertions, deletions and substitutions between two sequences of integers.

    Own code: the packages with an edit distance of any symbols are compiled ones, which would be
    dependencies for these few lines.
    """
    symbols = np.asarray(second)
    steps = np.arange(symbols.size + 1)
    row = steps
    for count, symbol in enumerate(np.asarray(first), 1):
        without_insertions = np.minimum(row[1:] + 1, row[:-1] + (symbols != symbol))
        costs = np.concatenate([[count], without_insertions])
        row = np.minimum.accumulate(costs - steps) + steps
    return int(row[-1])


def _without_repetitions(symbols: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(symbols[np.diff(symbols, prepend=-1) != 0])
