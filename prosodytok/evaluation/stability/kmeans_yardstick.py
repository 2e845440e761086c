"""The yardstick of stability: k-means codes of plain features of the same units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.nn.batch import Example
from prosodytok.types import TokenLevel
from prosodytok.types.errors import MissingExtraError, require
from prosodytok.types.register import normalize

#: Numbers of codes, and the fewest units per code to which they are fitted.
SIZES, UNITS_PER_CODE = (32, 1024), 4
#: Units after which no more utterances are read.
MAX_UNITS = 6000
#: Cosines of each curve of a unit.
COSINES = 4


@dataclass(frozen=True)
class KMeansYardstick:
    """Codes of word-like units by k-means; none, if nothing is fitted.

    Parameters
    ----------
    units : int
        Number of units to which the codes are fitted.
    mean, scale : (D,) float64
        Mean and standard deviation of the features.
    models : mapping of int to sklearn.cluster.KMeans
        By the number of codes.
    not_measured : str
        Why there are no codes.
    """

    units: int = 0
    mean: Floats | float = 0.0
    scale: Floats | float = 1.0
    models: Mapping[int, Any] = field(default_factory=dict)
    not_measured: str = ""

    @classmethod
    def fit(cls, features: Iterable[Floats], seed: int = 0) -> KMeansYardstick:
        """Fit the codes to the features of utterances, (N, D) each, of which the first are used.

        Codebooks with more than a code for every four units are left out.
        """
        try:
            cluster = require("sklearn.cluster", "eval")
        except MissingExtraError as error:
            return cls(not_measured=str(error))
        units = np.unique(_first_units(features), axis=0)
        if len(units) < UNITS_PER_CODE * min(SIZES):
            return cls(
                not_measured=f"the other utterances of the corpus have only {len(units)} units"
            )
        mean, scale = units.mean(axis=0), units.std(axis=0) + 1e-9
        models = {
            size: cluster.KMeans(size, n_init=1, random_state=seed).fit((units - mean) / scale)
            for size in SIZES
            if UNITS_PER_CODE * size <= len(units)
        }
        return cls(len(units), mean, scale, models)

    def codebooks(self, example: Example) -> dict[str, TokenLevel]:
        """The codes of the words of an utterance, by the name of the codebook."""
        scaled = (unit_features(example) - self.mean) / self.scale
        words = example.hierarchy.words
        return {
            f"k-means {size}": TokenLevel("word", model.predict(scaled)[None], (size,), words)
            for size, model in self.models.items()
        }


#: A yardstick without codes.
NO_YARDSTICK = KMeansYardstick()


def unit_features(example: Example) -> Floats:
    """Plain features of the words of an utterance.

    Returns
    -------
    (N, 13) float64
        The first four coefficients of the discrete cosine transform of F0, of voicing and of
        energy, all normalised by the register, and the logarithm of the duration in frames.
    """
    tracks = normalize(example.prosody, example.register).astype(np.float64)
    words = example.hierarchy.words
    cosines = [_cosines(tracks[a:b]) for a, b in pairwise(words.boundaries)]
    return np.column_stack([np.array(cosines), np.log(words.durations)])


def _first_units(features: Iterable[Floats]) -> Floats:
    """The features of the first utterances with `MAX_UNITS` units, (N, D)."""
    found, count = [np.empty((0, 3 * COSINES + 1))], 0
    for rows in features:
        found.append(rows)
        count += len(rows)
        if count >= MAX_UNITS:
            break
    return np.concatenate(found)


def _cosines(tracks: NDArray[np.float64]) -> Floats:
    """Coefficients (12,) of the curves (L, 3) of a unit; the first of each is its mean."""
    phase = np.pi * (np.arange(len(tracks)) + 0.5) / len(tracks)
    basis = np.cos(np.arange(COSINES)[:, None] * phase)
    return np.asarray((basis @ tracks / len(tracks)).T.ravel())
