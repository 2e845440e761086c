"""How well edges that were found agree with edges that are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class EdgeCounts:
    """Hits and misses; those of several utterances add up.

    Parameters
    ----------
    hits : int
        Pairs of a known and a found edge that lie together, each edge in one pair at most.
    known, found : int
        Edges that there are, and that were found.
    """

    hits: int = 0
    known: int = 0
    found: int = 0

    def __add__(self, other: EdgeCounts) -> EdgeCounts:
        return EdgeCounts(
            self.hits + other.hits, self.known + other.known, self.found + other.found
        )

    @property
    def scores(self) -> dict[str, float]:
        """Scores by name; see `edge_scores`."""
        sums = np.array([[self.hits, self.known, self.found]], dtype=np.float64)
        return {name: float(value[0]) for name, value in edge_scores(sums).items()}


def match_edges(known: ArrayLike, found: ArrayLike, tolerance: float) -> EdgeCounts:
    """Pair the edges of one utterance, as many as can be.

    Parameters
    ----------
    known, found : (N,), (M,) float
        Times of edges in increasing order (s), those of the utterance itself left out.
    tolerance : float
        How far the two of a pair may lie apart (s).
    """
    known, found = np.asarray(known, dtype=np.float64), np.asarray(found, dtype=np.float64)
    hits = i = j = 0
    while i < known.size and j < found.size:
        apart = found[j] - known[i]
        if abs(apart) <= tolerance + 1e-9:
            hits, i, j = hits + 1, i + 1, j + 1
        elif apart < 0:
            j += 1
        else:
            i += 1
    return EdgeCounts(hits, known.size, found.size)


def edge_scores(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Scores from sums (..., 3) of hits, known and found edges.

    ``precision``, ``recall``, ``f1``; ``over_segmentation``, found over known less one; and the
    ``r_value``, which over-segmentation cannot raise as it raises F1: Räsänen, Laine & Altosaar
    (2009), "An improved speech segmentation quality measure: the R-value". Where nothing is known
    or nothing is found, the ratios are NaN.
    """
    hits, known, found = (sums[..., k] for k in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = hits / found, hits / known
        over = np.where(known > 0, found / known - 1, np.nan)
        f1 = 2 * hits / (known + found)
    away = np.hypot(1 - recall, over)
    aside = np.abs(recall - over - 1) / np.sqrt(2)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "over_segmentation": over,
        "r_value": 1 - (away + aside) / 2,
    }
