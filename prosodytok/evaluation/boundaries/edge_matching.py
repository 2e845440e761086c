"""Agreement of predicted edges with reference edges."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.evaluation.stats.bootstrap import Floats


@dataclass(frozen=True)
class EdgeCounts:
    """Numbers of reference edges, of predicted edges, and of `hits`; those of utterances add up.

    A hit is a pair of edges within the tolerance; each edge is in at most one.
    """

    hits: int = 0
    reference: int = 0
    predicted: int = 0

    def __add__(self, other: EdgeCounts) -> EdgeCounts:
        return EdgeCounts(*(self.sums + other.sums).tolist())

    @property
    def sums(self) -> NDArray[np.int64]:
        """The counts as a row of the input of `edge_scores`."""
        return np.array(astuple(self))

    @property
    def scores(self) -> dict[str, float]:
        """Scores by name; see `edge_scores`."""
        sums = self.sums.astype(np.float64)
        return {name: float(value) for name, value in edge_scores(sums).items()}


def match_edges(reference: ArrayLike, predicted: ArrayLike, tolerance: float) -> EdgeCounts:
    """Match as many edges of one utterance as possible.

    Parameters
    ----------
    reference, predicted : (N,), (M,) float
        Times of edges in increasing order (s), without those of the utterance itself.
    tolerance : float
        Largest distance of a pair (s).
    """
    true = np.asarray(reference, dtype=np.float64)
    found = np.asarray(predicted, dtype=np.float64)
    hits = i = j = 0
    while i < true.size and j < found.size:
        distance = found[j] - true[i]
        if abs(distance) <= tolerance + 1e-9:
            hits, i, j = hits + 1, i + 1, j + 1
        elif distance < 0:
            j += 1
        else:
            i += 1
    return EdgeCounts(hits, true.size, found.size)


def edge_scores(sums: Floats) -> dict[str, Floats]:
    """Scores from sums (..., 3) of hits, reference edges and predicted edges.

    ``precision``, ``recall``, ``f1``; ``over_segmentation``, predicted over reference edges minus
    one; and the ``r_value``, which unlike F1 does not increase with over-segmentation: Räsänen,
    Laine & Altosaar (2009), "An improved speech segmentation quality measure: the R-value". Ratios
    with a denominator of zero are NaN.

    Own code: edges are matched with a tolerance, and the bootstrap needs the scores of sums of
    counts, not of label vectors as scikit-learn takes them.
    """
    hits, reference, predicted = (sums[..., k] for k in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = hits / predicted, hits / reference
        over = np.where(reference > 0, predicted / reference - 1, np.nan)
        f1 = 2 * hits / (reference + predicted)
    r1 = np.hypot(1 - recall, over)
    r2 = np.abs(recall - over - 1) / np.sqrt(2)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "over_segmentation": over,
        "r_value": 1 - (r1 + r2) / 2,
    }
