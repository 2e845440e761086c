import numpy as np
import pytest

from prosodytok.evaluation.rate.duration_bits import duration_bits, steps_of
from tests.evaluation.measurements import make_tokens

RNG = np.random.default_rng(0)
GROUPS = np.arange(5000) % 10
FREE = np.full(5000, 1000)


def test_steps_are_on_the_coarsest_grid() -> None:
    steps, most, step = steps_of(make_tokens([0, 8, 24, 37]), "word")
    assert (step, steps.tolist(), most.tolist()) == (8, [1, 2, 2], [3, 3, 2])
    steps, most, step = steps_of(make_tokens([0, 7, 24, 37]), "word")
    assert (step, steps.tolist(), most.tolist()) == (1, [7, 17, 13], [35, 29, 13])


def test_exact_expectations_are_cheap_and_vague_ones_expensive() -> None:
    frames = RNG.integers(5, 100, size=5000)
    assert duration_bits(frames, frames.astype(float), GROUPS, FREE).mean() < 0.1
    vague = duration_bits(frames, np.full(5000, 40.0), GROUPS, FREE).mean()
    assert 6.5 < vague < 7.2  # even between 5 and 99: 6.57 bits at best
    noisy = frames * np.exp2(RNG.normal(0, 0.1, size=5000))
    assert duration_bits(frames, noisy, GROUPS, FREE).mean() < vague - 2


def test_bias_of_expectations_costs_nothing() -> None:
    frames = RNG.integers(5, 100, size=5000)
    noisy = frames * np.exp2(RNG.normal(0, 0.2, size=5000))
    unbiased = duration_bits(frames, noisy, GROUPS, FREE).mean()
    assert duration_bits(frames, 2 * noisy, GROUPS, FREE).mean() == pytest.approx(
        unbiased, abs=0.05
    )


def test_probabilities_of_all_durations_sum_to_one() -> None:
    """Kraft: a code with these lengths exists."""
    groups = np.append(np.zeros(40, dtype=np.int64), np.ones(500, dtype=np.int64))
    frames = np.append(np.arange(1, 41), RNG.integers(5, 30, size=500))
    bits = duration_bits(frames, np.full(540, 12.0), groups, np.full(540, 40))
    assert np.exp2(-bits[:40]).sum() == pytest.approx(1, abs=1e-6)


def test_the_only_possible_duration_is_free() -> None:
    one = np.ones(3, dtype=np.int64)
    assert duration_bits(one, np.full(3, 9.0), np.arange(3), one).tolist() == [0, 0, 0]
