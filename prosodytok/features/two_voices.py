"""Two clearly different voices in one sound, found in its F0 alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones, seconds_to_frames, semitones_to_hz

#: A pause longer than this (s) ends a stretch of voice; shorter stretches than the least do not
#: count.
PAUSE, LEAST_STRETCH = 0.2, 0.1
#: Least distance of the two centres (semitones), and as a multiple of the spread about them.
SEPARATION, RELATIVE_SEPARATION = 7.0, 4.0
#: Least voice of each of the two: share of the whole, and seconds.
LEAST_SHARE, LEAST_SECONDS = 0.15, 0.6
#: Reference of semitones (Hz).
REFERENCE = 100.0


def two_voices(prosody: Prosody) -> tuple[float, float] | None:
    """F0 of the centres (Hz) of two voices, the low one first; None if it may be one voice.

    The medians of the stretches between pauses are divided into the two groups with the least
    spread (2-means, exact in one dimension), weighted by their voiced frames.

    Notes
    -----
    The limits were chosen on one half of the data and measured on the other half, with
    recipes/benchmarks/two_voices.py.
    """
    medians, frames = _stretches(prosody)
    if medians.size < 2:
        return None
    low, high, spread, least = _two_means(medians, frames)
    is_two = (
        high - low >= max(SEPARATION, RELATIVE_SEPARATION * spread)
        and least >= LEAST_SHARE * frames.sum()
        and least >= seconds_to_frames(LEAST_SECONDS)
    )
    if not is_two:
        return None
    low_hz, high_hz = semitones_to_hz(np.array([low, high]), REFERENCE)
    return float(low_hz), float(high_hz)


def _stretches(prosody: Prosody) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median F0 (semitones) and voiced frames of each stretch between pauses."""
    (voiced,) = np.nonzero(prosody.voiced)
    cuts = np.flatnonzero(np.diff(voiced) > seconds_to_frames(PAUSE)) + 1
    parts = [p for p in np.split(voiced, cuts) if p.size >= seconds_to_frames(LEAST_STRETCH)]
    f0 = hz_to_semitones(prosody.f0, REFERENCE)
    return np.array([np.median(f0[p]) for p in parts]), np.array([float(p.size) for p in parts])


def _two_means(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Centres of the two groups, spread about them, and weight of the lighter group."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    weight, first, second = (np.cumsum(weights * values**power) for power in (0, 1, 2))
    below, above = weight[:-1], weight[-1] - weight[:-1]
    low, high = first[:-1] / below, (first[-1] - first[:-1]) / above
    squares = second[-1] - below * low**2 - above * high**2
    cut = int(squares.argmin())
    spread = np.sqrt(max(0.0, squares[cut]) / weight[-1])
    return float(low[cut]), float(high[cut]), float(spread), float(min(below[cut], above[cut]))
