"""Search for the best unit boundaries by dynamic programming, shared by words and phrases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def best_boundaries(
    edges: NDArray[np.int64], gains: NDArray[np.float64], typical: float, longest: float
) -> NDArray[np.int64]:
    """Choose boundaries among candidate edges, in linear time.

    Minimises the sum of log(d / typical)² over units of d frames, since durations in speech are
    log-normal (Rosen, 2005, "Analysis of speech segment duration with the lognormal distribution"),
    minus the gains of the chosen edges.

    Parameters
    ----------
    edges : (E,) int64
        Candidate edges in frames, increasing; the first and the last are fixed.
    gains : (E,) float64
        Gain of each edge; those of the first and the last are ignored.
    typical, longest : float
        Length of a unit without cost, and maximum length, exceeded only between consecutive
        candidates (frames).

    Returns
    -------
    (C,) int64
        Indices into `edges` of the chosen inner edges, increasing.
    """

    def cost(first: int, last: int) -> NDArray[np.float64]:
        log_ratio: NDArray[np.float64] = np.log((edges[last] - edges[first:last]) / typical)
        return log_ratio**2

    return search_boundaries(edges, gains, cost, longest)


def search_boundaries(
    edges: NDArray[np.int64],
    gains: NDArray[np.float64],
    cost: Callable[[int, int], NDArray[np.float64]],
    longest: float,
) -> NDArray[np.int64]:
    """As `best_boundaries`, with an arbitrary cost of units.

    Parameters
    ----------
    cost : callable
        ``cost(first, last)`` returns the costs of the units from the edges `first` to ``last - 1``
        up to the edge `last`, shape (last - first,).
    """
    total = np.zeros(edges.size)
    previous = np.zeros(edges.size, dtype=np.int64)
    reachable = np.searchsorted(edges, edges - longest)
    for j in range(1, edges.size):
        first = min(reachable[j], j - 1)
        costs = total[first:j] + cost(first, j)
        best = int(costs.argmin())
        previous[j] = first + best
        total[j] = costs[best] - gains[j]
    chosen = []
    j = int(previous[-1])
    while j > 0:
        chosen.append(j)
        j = int(previous[j])
    return np.array(chosen[::-1], dtype=np.int64)
