"""The features of units, and codes fitted to them."""

import numpy as np
import pytest

from prosodytok.evaluation.stability.kmeans_yardstick import KMeansYardstick, unit_features
from prosodytok.nn.batch import Example
from prosodytok.types import Hierarchy, Register, Segmentation
from prosodytok.types.prosody import Prosody

REGISTER = Register(f0_median_hz=100.0, f0_spread_st=2.0, energy_level_db=-20.0)


def example_of(f0: np.ndarray, edges: list[int]) -> Example:
    words = Segmentation.unlabelled(edges)
    hierarchy = Hierarchy(Segmentation.unlabelled([0, edges[-1]]), words, "even")
    voiced = np.ones(f0.size, bool)
    return Example(Prosody(f0, voiced, np.full(f0.size, -20.0)), hierarchy, REGISTER)


def test_a_level_contour_has_no_higher_cosines() -> None:
    octave = example_of(np.full(30, 200.0), [0, 10, 30])
    features = unit_features(octave)
    expected = [6.0, 0, 0, 0, 1.0, 0, 0, 0, 0.0, 0, 0, 0]  # 12 semitones are 6 spreads
    assert features[:, :-1] == pytest.approx(np.array([expected] * 2), abs=1e-6)
    assert features[:, -1] == pytest.approx(np.log([10, 20]))


def test_a_cosine_of_f0_has_one_coefficient() -> None:
    phase = np.pi * (np.arange(40) + 0.5) / 40
    features = unit_features(example_of(100.0 * 2 ** (np.cos(2 * phase) / 12), [0, 40]))
    assert features[0, :4] == pytest.approx([0, 0, 0.25, 0], abs=1e-6)


def test_codes_are_those_of_the_nearest_mean() -> None:
    example = example_of(np.repeat([80.0, 160.0], 10), [0, 10, 20])
    jitter = 0.01 * np.random.default_rng(0).standard_normal((64, 2, 13))
    yardstick = KMeansYardstick.fit(unit_features(example) + jitter)
    assert yardstick.units == 128
    (level,) = yardstick.codebooks(example).values()
    assert level.codebook_sizes == (32,)
    assert level.codes[0, 0] != level.codes[0, 1]


def test_too_few_units_are_a_reason() -> None:
    repeated = np.arange(20.0)[:, None] * np.ones(13)
    yardstick = KMeansYardstick.fit([repeated] * 10)
    assert not yardstick.models
    assert "20" in yardstick.not_measured
