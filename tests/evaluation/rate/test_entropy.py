import numpy as np
import pytest

from prosodytok.evaluation.rate.entropy import context_bits, unigram_bits

RNG = np.random.default_rng(0)
GROUPS = np.repeat(np.arange(10), 2000)


def entropy(p: np.ndarray) -> float:
    return float(-(p * np.log2(p)).sum())


def test_constant_stream_takes_almost_no_bits() -> None:
    constant = np.full(20_000, 7)
    assert unigram_bits(constant, 64, GROUPS).mean() < 0.01
    assert context_bits(constant, [], 64, GROUPS, GROUPS).mean() < 0.01


def test_uniform_symbols_take_their_fixed_length() -> None:
    symbols = RNG.integers(16, size=20_000)
    assert unigram_bits(symbols, 16, GROUPS).mean() == pytest.approx(4, abs=0.01)
    assert context_bits(symbols, [np.roll(symbols, 1)], 16, GROUPS, GROUPS).mean() >= 3.99


def test_lengths_are_close_to_the_entropy() -> None:
    p = np.array([0.6, 0.2, 0.1, 0.05, 0.05])
    symbols = RNG.choice(5, size=20_000, p=p)
    for bits in (
        unigram_bits(symbols, 5, GROUPS),
        context_bits(symbols, [np.roll(symbols, 1)], 5, GROUPS, GROUPS),
    ):
        assert bits.mean() == pytest.approx(entropy(p), abs=0.03)


def markov() -> tuple[np.ndarray, np.ndarray]:
    """A chain that stays with probability 0.9, and the previous symbols."""
    symbols = np.cumsum(np.where(RNG.random(20_000) < 0.9, 0, RNG.integers(1, 4, 20_000))) % 4
    return symbols, np.append(4, symbols[:-1])


def test_previous_symbol_predicts_a_chain() -> None:
    symbols, before = markov()
    rate = entropy(np.array([0.9, 0.1 / 3, 0.1 / 3, 0.1 / 3]))
    assert unigram_bits(symbols, 4, GROUPS).mean() > 1.9
    assert context_bits(symbols, [before], 4, GROUPS, GROUPS).mean() == pytest.approx(
        rate, abs=0.03
    )


def test_irrelevant_context_costs_almost_nothing() -> None:
    symbols, before = markov()
    idle = RNG.integers(500, size=symbols.size)
    useful = context_bits(symbols, [before], 4, GROUPS, GROUPS)
    assert context_bits(symbols, [before, idle], 4, GROUPS, GROUPS).mean() < useful.mean() + 0.02


def test_tables_do_not_contain_the_coded_group() -> None:
    """A symbol of one group only is expensive, however frequent it is there."""
    symbols = np.where(GROUPS == 3, 1, 0)
    bits = unigram_bits(symbols, 2, GROUPS)
    assert bits[GROUPS == 3].min() > 10
    together = context_bits(symbols, [symbols], 2, GROUPS, np.arange(20_000))
    assert together[GROUPS == 3].min() > 1


def test_repetitions_within_a_stream_are_learned() -> None:
    symbols = np.repeat(RNG.integers(64, size=10), 2000)
    assert context_bits(symbols, [], 64, GROUPS, GROUPS).mean() < 0.2
    assert unigram_bits(symbols, 64, GROUPS).mean() > 5


def test_single_stream_has_no_tables() -> None:
    symbols, alone = RNG.integers(8, size=50), np.zeros(50, dtype=np.int64)
    np.testing.assert_allclose(unigram_bits(symbols, 8, alone), 3)
    assert context_bits(symbols, [alone], 8, alone, alone)[0] == pytest.approx(3)


@pytest.mark.parametrize("at", [0, 5, 19])
def test_lengths_are_causal(at: int) -> None:
    """A decoder can compute the probabilities: they do not depend on later symbols."""
    groups = np.repeat(np.arange(5), 20)
    symbols = RNG.integers(4, size=100)
    before = np.where(np.arange(100) % 20 == 0, 4, np.roll(symbols, 1))
    changed = symbols.copy()
    changed[at + 1 : 20] = 3 - changed[at + 1 : 20]  # the rest of the first stream
    changed_before = np.where(np.arange(100) % 20 == 0, 4, np.roll(changed, 1))
    bits = context_bits(symbols, [before], 4, groups, groups)
    again = context_bits(changed, [changed_before], 4, groups, groups)
    np.testing.assert_allclose(bits[: at + 1], again[: at + 1])
