from itertools import cycle, islice

import numpy as np
import pytest

from prosodytok.evaluation.stats.bootstrap import (
    bootstrap,
    ratio,
    resampling_units,
    wilson_interval,
)
from prosodytok.types.errors import ProsodytokError


def mean(sums: np.ndarray) -> dict[str, np.ndarray]:
    return {"mean": sums[:, 0] / sums[:, 1]}


def rows(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=1)


def test_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=400)
    interval = bootstrap(rows(values), [None] * 400, mean)["mean"]
    error = values.std() / 20
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.03)


def test_intervals_cover_the_true_mean_in_19_of_20_cases() -> None:
    rng = np.random.default_rng(2)
    found = [
        bootstrap(rows(rng.normal(0, 1, 50)), [None] * 50, mean, resamples=300)["mean"]
        for _ in range(200)
    ]
    covered = np.mean([i.low <= 0 <= i.high for i in found])
    assert 0.88 <= covered <= 0.99


def test_five_speakers_are_resampled() -> None:
    voices = np.repeat(np.arange(6.0), 100)
    by_speaker = bootstrap(rows(voices), [f"s{v:.0f}" for v in voices], mean)["mean"]
    by_utterance = bootstrap(rows(voices), [None] * 600, mean)["mean"]
    assert by_speaker.high - by_speaker.low > 5 * (by_utterance.high - by_utterance.low)


@pytest.mark.parametrize(
    ("speakers", "unit", "count"),
    [
        ("abcde", "speakers", 5),
        ("abcd", "utterances", 10),
        (["a", None], "utterances", 10),
        ([*"abcde", None], "speakers", 6),
    ],
)
def test_resampling_units(speakers: str | list[str | None], unit: str, count: int) -> None:
    units, name = resampling_units(list(islice(cycle(speakers), 10)))
    assert name == unit
    assert len(set(units)) == count


def test_seed_is_deterministic_and_one_utterance_has_no_spread() -> None:
    sums = rows(np.random.default_rng(0).normal(size=30))
    assert bootstrap(sums, [None] * 30, mean) == bootstrap(sums, [None] * 30, mean)
    assert bootstrap(sums, [None] * 30, mean) != bootstrap(sums, [None] * 30, mean, seed=1)
    alone = bootstrap(sums[:1], [None], mean)["mean"]
    assert alone.low == alone.value == alone.high


def test_symmetric_interval_covers_a_biased_statistic() -> None:
    codes = np.eye(200)[np.random.default_rng(3).integers(200, size=300)]

    def used(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {"used": (sums > 0).mean(axis=1)}

    biased = bootstrap(codes, [None] * 300, used)["used"]
    assert biased.high < biased.value
    symmetric = bootstrap(codes, [None] * 300, used, symmetric=True)["used"]
    assert symmetric.low < symmetric.value < symmetric.high
    assert symmetric.high - symmetric.value == pytest.approx(symmetric.value - symmetric.low)


def test_undefined_statistic_is_nan() -> None:
    sums = np.tile([30.0, 3.0, 0.0], (4, 1))
    found = bootstrap(
        sums, ["a"] * 4, lambda s: {"x": ratio(s[:, 0], s[:, 1]), "y": ratio(s[:, 0], s[:, 2])}
    )
    assert found["x"].value == found["x"].high == 10
    assert np.isnan([found["y"].value, found["y"].low]).all()


def test_wilson_interval_of_an_event_that_never_occurs() -> None:
    never = wilson_interval(0, 100)
    assert (never.value, never.low) == (0, 0)
    assert never.high == pytest.approx(0.037, abs=1e-3)
    half = wilson_interval(50, 100)
    assert (half.low, half.high) == pytest.approx((0.404, 0.596), abs=1e-3)


def test_every_utterance_needs_a_speaker() -> None:
    with pytest.raises(ProsodytokError, match="2 speakers"):
        bootstrap(np.ones((3, 2)), ["a", "b"], mean)
