"""N-gram baselines of the language model."""

import runpy
from pathlib import Path

import numpy as np
import pytest

NGRAM = runpy.run_path(str(Path(__file__).parents[2] / "recipes" / "lm" / "ngrams.py"))
Token = NGRAM["Token"]
SIZE = 4


def tokens(seed: int, count: int = 400) -> list:
    """A stream in which each token mostly depends on the preceding one."""
    rng = np.random.default_rng(seed)
    values = [0]
    for _ in range(count):
        values.append((values[-1] + 1) % SIZE if rng.random() < 0.9 else int(rng.integers(SIZE)))
    return [
        Token("code", value, SIZE, tuple(values[max(0, i - 4) : i][::-1]), ((i % 2,),))
        for i, value in enumerate(values)
        if i >= 4
    ]


@pytest.mark.parametrize("smoothing", ["witten-bell", "kneser-ney"])
@pytest.mark.parametrize("context", [(), (1,), (1, 0, 3), (9, 9)])
def test_probabilities_sum_to_one(smoothing: str, context: tuple[int, ...]) -> None:
    chain = NGRAM["Chain"](smoothing)
    for token in tokens(0):
        chain.add(token.kind, token.history[: len(context)], token.value)
    probabilities = [chain.predict("code", context, value, SIZE) for value in range(SIZE)]
    assert np.allclose(np.sum(probabilities, axis=0), 1)


@pytest.mark.parametrize("smoothing", ["witten-bell", "kneser-ney"])
def test_a_bigram_learns_what_a_unigram_cannot(smoothing: str) -> None:
    probabilities = NGRAM["Ngrams"](tokens(0), smoothing).predict(tokens(1))
    bits = -np.log2(probabilities).mean(axis=0)
    assert bits[0] > 1.9
    assert bits[1] < 1.1


def test_the_mixture_is_at_least_as_good() -> None:
    mixture = NGRAM["Mixture"](tokens(0), tokens(2))
    assert -np.log2(mixture.predict(tokens(1))).mean() < 1.1
