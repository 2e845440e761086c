"""Code lengths of durations, given the durations that are expected from the codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from prosodytok.evaluation.rate.entropy import Ints, folds_of
from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.types import ProsodyTokens
from prosodytok.types.boundary_bits import edge_step

#: Candidate spreads of the duration model (octaves).
SPREADS = np.geomspace(0.002, 2.0, 40)
#: The model has separate parameters for each quantile range of the expected duration.
CLASSES = 4
#: Weight of a uniform distribution in the mixture, which bounds the cost of an outlier.
UNIFORM_WEIGHT = 1e-3


def duration_bits(steps: Ints, expected: Floats, groups: ArrayLike, most: Ints) -> Floats:
    """Ideal code lengths, (N,), of durations or other counts, given an expectation of each.

    The log of a duration over its expectation follows a logistic distribution, truncated to the
    possible range (1 to `most` steps of time) and integrated over each whole step. Location and
    scale are fitted on the other groups (see `folds_of`), separately by quantile range of the
    expectation. No bits where only one duration is possible.
    """
    folds = folds_of(groups)
    bits = np.empty(len(steps))
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        kind = _classes(expected, expected[train])
        for index in np.unique(kind[test]):
            coded, fitted = test & (kind == index), train & (kind == index)
            centre, spread = _fit(steps[fitted], expected[fitted], most[fitted])
            bits[coded] = _bits(steps[coded], expected[coded], most[coded], centre, spread)
    return bits


def steps_of(tokens: ProsodyTokens, level: str) -> tuple[Ints, Ints, int]:
    """Durations of N units in steps of the coarsest grid that contains all of their edges.

    Returns the steps of each, (N,), where only the last can end within a step; the largest possible
    number of steps of each, (N,): those left, less one for each later unit; and the frames of a
    step.
    """
    units = tokens[level].segmentation
    step = edge_step(units)
    left = -(-(tokens.num_frames - units.boundaries[:-1]) // step)
    most: Ints = left - np.arange(len(units))[::-1]
    return -(-units.durations // step), most, step


def _classes(expected: Floats, train: Floats) -> Ints:
    if train.size == 0:
        return np.zeros(expected.size, dtype=np.int64)
    edges = np.quantile(train, np.arange(1, CLASSES) / CLASSES)
    return np.searchsorted(edges, expected)


def _fit(steps: Ints, expected: Floats, most: Ints) -> tuple[float, float]:
    """Maximum-likelihood location and scale (octaves); 0 and 1 without data."""
    if steps.size == 0:
        return 0.0, 1.0
    centre = float(np.median(np.log2(steps / expected)))
    costs = [_bits(steps, expected, most, centre, spread).sum() for spread in SPREADS]
    return centre, float(SPREADS[int(np.argmin(costs))])


def _bits(steps: Ints, expected: Floats, most: Ints, centre: float, spread: float) -> Floats:
    below, above, first, last = (
        _logistic((np.log2(edge / expected) - centre) / spread)
        for edge in (steps - 0.5, steps + 0.5, 0.5, most + 0.5)
    )
    likely = (above - below) / np.maximum(last - first, 1e-12)
    mixed = (1 - UNIFORM_WEIGHT) * np.minimum(likely, 1.0) + UNIFORM_WEIGHT / most
    return np.where(most == 1, 0.0, -np.log2(mixed))


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))
