"""Use of codebooks: share of the codes that occur, and perplexity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap
from prosodytok.types import ProsodyTokens


@dataclass(frozen=True)
class CodebookUse:
    """Use of one codebook in a corpus.

    Parameters
    ----------
    size : int
        Number of codes in the codebook.
    units : int
        Number of coded units.
    usage : Interval
        Share of the codes that occur.
    perplexity : Interval
        Exponential of the entropy of the codes, from 1 to `size`.
    """

    size: int
    units: int
    usage: Interval
    perplexity: Interval


def measure_codebooks(
    utterances: Sequence[ProsodyTokens],
    level: str,
    speakers: Sequence[str | None],
    *,
    seed: int = 0,
) -> list[CodebookUse]:
    """Use of each codebook of a level over N utterances, with intervals.

    The intervals are symmetric: a bootstrap sample never has more codes than the corpus.
    """
    found = []
    for book, size in enumerate(utterances[0][level].codebook_sizes):
        counts = [np.bincount(u[level].codes[book], minlength=size) for u in utterances]
        use = bootstrap(counts, speakers, usage_and_perplexity, seed=seed, symmetric=True)
        found.append(CodebookUse(size, int(np.sum(counts)), **use))
    return found


def usage_and_perplexity(counts: ArrayLike) -> dict[str, Floats]:
    """``usage`` and ``perplexity``, (...) each, of code counts (..., V).

    Own code: the bootstrap needs it over many count vectors at once, and training needs it without
    scikit-learn.
    """
    n = np.asarray(counts, dtype=np.float64)
    p = n / n.sum(axis=-1, keepdims=True)
    entropy = -np.sum(p * np.log(p, out=np.zeros_like(p), where=p > 0), axis=-1)
    return {"usage": np.mean(n > 0, axis=-1), "perplexity": np.exp(entropy)}
