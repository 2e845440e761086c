import numpy as np
import pytest

from prosodytok.evaluation.durations import duration_bits, pauses_of, said_durations, steps_of
from prosodytok.types import ProsodyTokens
from prosodytok.types.prosody import Prosody
from tests.evaluation.measured import make_tokens

RNG = np.random.default_rng(0)
GROUPS = np.arange(5000) % 10
FREE = np.full(5000, 1000)


class Peeking:
    """A tokenizer that says what the boundaries say."""

    def decode_durations(self, tokens: ProsodyTokens) -> np.ndarray:
        assert tokens.names == ("phrase", "word")
        return tokens["word"].segmentation.durations / tokens.frame_rate


def test_what_is_said_knows_no_boundaries() -> None:
    tokens = make_tokens([0, 10, 11, 80, 100], [0, 11, 100])
    assert said_durations(Peeking(), tokens).tolist() == [0.25] * 4  # type: ignore[arg-type]


def test_a_pause_has_no_label_where_words_are_given() -> None:
    tokens = make_tokens([0, 10, 20, 30], labels=["a", "", "b"], source="textgrid")
    loud = Prosody(np.full(30, 100.0), np.ones(30, bool), np.zeros(30))
    assert pauses_of(tokens, loud).tolist() == [False, True, False]


def test_a_pause_is_silent_where_words_are_found() -> None:
    speech = np.arange(100) < 55
    prosody = Prosody(np.full(100, 100.0), speech, np.where(speech, -10.0, -60.0))
    tokens = make_tokens([0, 30, 50, 100])
    assert pauses_of(tokens, prosody).tolist() == [False, False, True]


def test_steps_are_of_the_coarsest_grid() -> None:
    steps, most, step = steps_of(make_tokens([0, 8, 24, 37]), "word")
    assert (step, steps.tolist(), most.tolist()) == (8, [1, 2, 2], [3, 3, 2])
    steps, most, step = steps_of(make_tokens([0, 7, 24, 37]), "word")
    assert (step, steps.tolist(), most.tolist()) == (1, [7, 17, 13], [35, 29, 13])


def test_a_duration_that_is_said_exactly_is_cheap_and_one_that_is_not_is_dear() -> None:
    frames = RNG.integers(5, 100, size=5000)
    assert duration_bits(frames, frames.astype(float), GROUPS, FREE).mean() < 0.1
    nothing = duration_bits(frames, np.full(5000, 40.0), GROUPS, FREE).mean()
    assert 6.5 < nothing < 7.2  # even between 5 and 99: 6.57 bits at best
    noisy = frames * np.exp2(RNG.normal(0, 0.1, size=5000))
    assert duration_bits(frames, noisy, GROUPS, FREE).mean() < nothing - 2


def test_a_bias_of_what_is_said_costs_nothing() -> None:
    frames = RNG.integers(5, 100, size=5000)
    noisy = frames * np.exp2(RNG.normal(0, 0.2, size=5000))
    fair = duration_bits(frames, noisy, GROUPS, FREE).mean()
    assert duration_bits(frames, 2 * noisy, GROUPS, FREE).mean() == pytest.approx(fair, abs=0.05)


def test_probabilities_of_all_durations_sum_to_one() -> None:
    """Kraft: the lengths are those of a code that exists."""
    groups = np.append(np.zeros(40, dtype=np.int64), np.ones(500, dtype=np.int64))
    frames = np.append(np.arange(1, 41), RNG.integers(5, 30, size=500))
    bits = duration_bits(frames, np.full(540, 12.0), groups, np.full(540, 40))
    assert np.exp2(-bits[:40]).sum() == pytest.approx(1, abs=1e-6)


def test_what_must_be_is_free() -> None:
    one = np.ones(3, dtype=np.int64)
    assert duration_bits(one, np.full(3, 9.0), np.arange(3), one).tolist() == [0, 0, 0]
