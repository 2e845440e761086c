from itertools import cycle, islice

import numpy as np
import pytest

from prosodytok.evaluation import ProsodyErrors, bootstrap, error_intervals
from prosodytok.evaluation.bootstrap import resampling_units
from prosodytok.types.errors import ProsodytokError


def mean(sums: np.ndarray) -> dict[str, np.ndarray]:
    return {"mean": sums[:, 0] / sums[:, 1]}


def rows(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=1)


def test_the_interval_of_a_mean_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=400)
    interval = bootstrap(rows(values), [None] * 400, mean)["mean"]
    error = values.std() / 20
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.03)


def test_nineteen_of_twenty_intervals_cover_the_truth() -> None:
    rng = np.random.default_rng(2)
    found = [
        bootstrap(rows(rng.normal(0, 1, 50)), [None] * 50, mean, resamples=300)["mean"]
        for _ in range(200)
    ]
    covered = np.mean([i.low <= 0 <= i.high for i in found])
    assert 0.88 <= covered <= 0.99


def test_speakers_are_resampled_where_there_are_five() -> None:
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
def test_what_is_resampled(speakers: str | list[str | None], unit: str, count: int) -> None:
    units, name = resampling_units(list(islice(cycle(speakers), 10)))
    assert name == unit
    assert len(set(units)) == count


def test_a_seed_draws_the_same_and_one_utterance_has_a_point() -> None:
    sums = rows(np.random.default_rng(0).normal(size=30))
    assert bootstrap(sums, [None] * 30, mean) == bootstrap(sums, [None] * 30, mean)
    assert bootstrap(sums, [None] * 30, mean) != bootstrap(sums, [None] * 30, mean, seed=1)
    alone = bootstrap(sums[:1], [None], mean)["mean"]
    assert alone.low == alone.value == alone.high


def test_a_symmetric_interval_holds_what_samples_have_less_of() -> None:
    codes = np.eye(200)[np.random.default_rng(3).integers(200, size=300)]

    def used(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {"used": (sums > 0).mean(axis=1)}

    low_by_nature = bootstrap(codes, [None] * 300, used)["used"]
    assert low_by_nature.high < low_by_nature.value
    fair = bootstrap(codes, [None] * 300, used, symmetric=True)["used"]
    assert fair.low < fair.value < fair.high
    assert fair.high - fair.value == pytest.approx(fair.value - fair.low)


def test_what_no_sample_can_measure_is_nan() -> None:
    intervals = error_intervals([ProsodyErrors(absolute=30, voiced=3)] * 4, ["a"] * 4)
    assert intervals["f0_mae"].value == intervals["f0_mae"].high == 10
    assert np.isnan([intervals["vde"].value, intervals["vde"].low]).all()


def test_every_utterance_needs_a_speaker() -> None:
    with pytest.raises(ProsodytokError, match="2 speakers"):
        bootstrap(np.ones((3, 2)), ["a", "b"], mean)
