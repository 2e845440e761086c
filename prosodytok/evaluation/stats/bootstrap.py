"""95 % intervals: percentile bootstrap over speakers or utterances, and Wilson's for a share.

Utterances of one speaker resemble each other, so resampling utterances gives intervals that are too
narrow; with enough speakers, whole speakers are resampled. Efron and Tibshirani (1993), "An
introduction to the bootstrap"; for clusters, Davison and Hinkley (1997), section 3.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError

Floats = NDArray[np.float64]
#: From the sums (R, D) of R samples to named statistics, (R,) each.
Statistic = Callable[[Floats], Mapping[str, Floats]]

#: With fewer speakers, utterances are resampled.
MIN_SPEAKERS = 5
#: Percentiles of the interval, and its half width in standard errors of a normal distribution.
PERCENTILES, STANDARD_ERRORS = (2.5, 97.5), 1.96


@dataclass(frozen=True)
class Interval:
    """A measured value and its 95 % interval; NaN where it is undefined.

    In JSON: ``{"value", "low", "high"}``.
    """

    value: float
    low: float
    high: float


def resampling_units(speakers: Sequence[str | None]) -> tuple[NDArray[np.int64], str]:
    """Index of the resampling unit of each utterance, (N,), and the kind of unit.

    ``"speakers"`` if at least five are known, where each utterance without a known speaker is a
    unit of its own; else ``"utterances"``.
    """
    if len({s for s in speakers if s}) < MIN_SPEAKERS:
        return np.arange(len(speakers)), "utterances"
    names = [speaker or f"\0{index}" for index, speaker in enumerate(speakers)]
    return np.unique(names, return_inverse=True)[1].astype(np.int64), "speakers"


def bootstrap(
    sums: ArrayLike,
    groups: Sequence[str | None],
    statistic: Statistic,
    *,
    resamples: int = 1000,
    seed: int = 0,
    symmetric: bool = False,
) -> dict[str, Interval]:
    """Statistics of pooled utterances with their intervals.

    Parameters
    ----------
    sums : (N, D) float
        Sums of each of N utterances from which the statistic is computed.
    groups : sequence of str or None, length N
        Speaker of each utterance.
    statistic : callable
        Maps the sums of R samples, (R, D), to named values, (R,) each; NaN where undefined.
    resamples : int
        Number of bootstrap samples.
    seed : int
        Random seed.
    symmetric : bool
        Whether the interval is the value plus and minus 1.96 standard errors instead of percentiles
        of the samples. For statistics that are biased downward in a bootstrap sample, which repeats
        some utterances and lacks others.

    Raises
    ------
    ProsodytokError
        If there is no utterance, or the number of groups differs from the number of utterances.
    """
    rows = np.atleast_2d(np.asarray(sums, dtype=np.float64))
    if rows.size == 0 or len(rows) != len(groups):
        raise ProsodytokError(f"{len(groups)} speakers for sums of shape {rows.shape}")
    units, _ = resampling_units(groups)
    count = int(units.max()) + 1
    pooled = np.zeros((count, rows.shape[1]))
    np.add.at(pooled, units, rows)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=resamples)
    values = statistic(rows.sum(axis=0, keepdims=True))
    samples = statistic(drawn @ pooled)
    interval = _symmetric if symmetric else _percentile
    return {name: interval(float(values[name][0]), samples[name]) for name in values}


def wilson_interval(count: float, total: int) -> Interval:
    """A share with its 95 % interval by Wilson (1927), which is valid at 0 and 1 too."""
    squared = STANDARD_ERRORS**2
    value = count / total
    centre = (count + squared / 2) / (total + squared)
    spread = (value * (1 - value) * total + squared / 4) ** 0.5
    half = STANDARD_ERRORS * spread / (total + squared)
    return Interval(value, max(0.0, centre - half), min(1.0, centre + half))


def ratio(total: ArrayLike, count: ArrayLike) -> Floats:
    """Quotient; NaN where the count is not positive."""
    total, count = np.asarray(total, dtype=np.float64), np.asarray(count, dtype=np.float64)
    undefined = np.full(np.broadcast_shapes(total.shape, count.shape), np.nan)
    return np.asarray(np.divide(total, count, out=undefined, where=count > 0))


def _percentile(value: float, samples: Floats) -> Interval:
    defined = samples[~np.isnan(samples)]
    low, high = np.percentile(defined, PERCENTILES) if defined.size else (np.nan, np.nan)
    return Interval(value, float(low), float(high))


def _symmetric(value: float, samples: Floats) -> Interval:
    margin = STANDARD_ERRORS * float(samples.std())
    return Interval(value, value - margin, value + margin)
