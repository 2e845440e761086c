import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prosodytok.lm import Sampling

LOGITS = torch.tensor([0.5, 3.0, 2.0, -1.0, 2.5, 0.0])
BY_RANK = [1, 4, 2, 0, 5, 3]


def samples(sampling: Sampling, seed: int = 0, times: int = 200) -> list[int]:
    random = torch.Generator().manual_seed(seed)
    return [sampling.draw(LOGITS, random) for _ in range(times)]


def test_greedy_takes_the_likeliest() -> None:
    assert set(samples(Sampling(temperature=0.0))) == {1}
    assert set(samples(Sampling(top_k=1))) == {1}
    assert set(samples(Sampling(top_p=1e-6))) == {1}


@given(st.integers(1, 8), st.integers(0, 10))
def test_top_k_draws_the_k_likeliest(k: int, seed: int) -> None:
    assert set(samples(Sampling(top_k=k, temperature=2.0), seed, 60)) <= set(BY_RANK[:k])


@given(st.floats(0.01, 1.0))
def test_top_p_keeps_the_fewest_that_reach_p(p: float) -> None:
    probabilities = LOGITS.softmax(0)
    kept = torch.isfinite(Sampling(top_p=p).restrict(LOGITS))
    order = [i for i in BY_RANK if kept[i]]
    assert order == BY_RANK[: len(order)]
    assert probabilities[order].sum() >= p - 1e-5
    assert probabilities[order[:-1]].sum() < p + 1e-5


def test_without_limits_frequencies_are_the_probabilities() -> None:
    counts = torch.bincount(torch.tensor(samples(Sampling(), times=4000)), minlength=6) / 4000
    assert torch.allclose(counts, LOGITS.softmax(0), atol=0.03)


def test_a_seed_repeats_and_another_does_not() -> None:
    assert samples(Sampling(), 1) == samples(Sampling(), 1) != samples(Sampling(), 2)


@pytest.mark.parametrize("bad", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"top_p": 1.1}])
def test_what_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Sampling(**bad)
