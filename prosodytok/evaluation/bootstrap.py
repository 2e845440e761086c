"""How sure a measured number is: percentile bootstrap over speakers, or over utterances.

Utterances of one speaker are alike, so that resampling them is optimistic; where there are enough
speakers, whole speakers are resampled. Efron and Tibshirani (1993), "An introduction to the
bootstrap"; for clusters, Davison and Hinkley (1997), section 3.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.evaluation.prosody import ProsodyErrors, scores_of
from prosodytok.types.errors import ProsodytokError

Floats = NDArray[np.float64]
#: From sums (R, D) of R samples to named statistics, (R,) each.
Statistic = Callable[[Floats], Mapping[str, Floats]]

#: With fewer speakers than this, utterances are resampled.
FEWEST_SPEAKERS = 5
#: Of the interval (percent), and of a normal one (standard errors).
LIMITS, STANDARD_ERRORS = (2.5, 97.5), 1.96


@dataclass(frozen=True)
class Interval:
    """A measured value and its 95 % interval; NaN where it could not be measured."""

    value: float
    low: float
    high: float


def resampling_units(speakers: Sequence[str | None]) -> tuple[NDArray[np.int64], str]:
    """Say what is resampled: speakers where at least five are known, else utterances.

    Parameters
    ----------
    speakers : sequence of str or None
        Who speaks each of N utterances.

    Returns
    -------
    (N,) int64
        Index of the unit of each utterance; among speakers, an utterance of nobody known is a unit
        by itself.
    str
        ``"speakers"`` or ``"utterances"``.
    """
    if len({s for s in speakers if s}) < FEWEST_SPEAKERS:
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
    """Measure statistics of pooled utterances, each with its interval.

    Parameters
    ----------
    sums : (N, D) float
        What each of N utterances adds up to: everything that the statistic needs.
    groups : sequence of str or None, length N
        Who speaks each.
    statistic : callable
        From the sums of R samples, (R, D), to named values, (R,) each; NaN where undefined.
    resamples : int
        Samples drawn.
    seed : int
        Of the drawing: the same seed draws the same samples.
    symmetric : bool
        Whether the interval is 1.96 standard errors to both sides, and not that of the samples'
        percentiles: for what a sample always has less of, as it repeats some and lacks others.

    Raises
    ------
    ProsodytokError
        If there is no utterance, or not one group for each.
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


def error_intervals(
    errors: Sequence[ProsodyErrors],
    speakers: Sequence[str | None],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Scores of pooled utterances (see `ProsodyErrors`), each with its interval."""
    sums = np.array([e.sums for e in errors])
    return bootstrap(sums, speakers, scores_of, resamples=resamples, seed=seed)


def _percentile(value: float, samples: Floats) -> Interval:
    defined = samples[~np.isnan(samples)]
    low, high = np.percentile(defined, LIMITS) if defined.size else (np.nan, np.nan)
    return Interval(value, float(low), float(high))


def _symmetric(value: float, samples: Floats) -> Interval:
    margin = STANDARD_ERRORS * float(samples.std())
    return Interval(value, value - margin, value + margin)
