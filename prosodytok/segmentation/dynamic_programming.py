"""The best cuts of a stretch into units of about one length: words and phrases share the search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def best_boundaries(
    edges: NDArray[np.int64], gains: NDArray[np.float64], typical: float, longest: float
) -> NDArray[np.int64]:
    """Choose the edges that cut a stretch best, by dynamic programming in linear time.

    A unit of d frames costs log(d / typical)²: durations of speech are log-normal (Rosen, 2005,
    "Analysis of speech segment duration with the lognormal distribution"). A cut at an edge earns
    the edge's gain.

    Parameters
    ----------
    edges : (E,) int64
        Candidate edges in frames, increasing; the first and the last bound the stretch.
    gains : (E,) float64
        What a cut at each edge earns; those of the first and the last do not matter.
    typical, longest : float
        Length of a unit that costs nothing, and the length that a unit exceeds only where no
        candidate lies within it (frames).

    Returns
    -------
    (C,) int64
        Indices into `edges` of the chosen inner edges, increasing.
    """

    def cost(first: int, last: int) -> NDArray[np.float64]:
        away: NDArray[np.float64] = np.log((edges[last] - edges[first:last]) / typical)
        return away**2

    return search_boundaries(edges, gains, cost, longest)


def search_boundaries(
    edges: NDArray[np.int64],
    gains: NDArray[np.float64],
    cost: Callable[[int, int], NDArray[np.float64]],
    longest: float,
) -> NDArray[np.int64]:
    """As `best_boundaries`, with any cost of a unit.

    Parameters
    ----------
    cost : callable
        ``cost(first, last)`` gives the costs of the units from each of the edges `first` to
        ``last - 1`` to the edge `last`, shape (last - first,).
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
