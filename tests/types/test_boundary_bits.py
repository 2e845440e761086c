"""Code length of boundaries: decodable (Kraft), and short for typical speech."""

from itertools import chain, combinations

import numpy as np
import pytest

from prosodytok.types.boundary_bits import boundary_bits
from prosodytok.types.segmentation import Segmentation

RATE = 3.0


def bits(words, phrases=None, rate=RATE):
    words, phrases = (e if e is None else Segmentation.unlabelled(e) for e in (words, phrases))
    return boundary_bits(words, phrases, rate, 100.0)


def subsets_of(positions):
    positions = list(positions)
    return chain.from_iterable(combinations(positions, k) for k in range(len(positions) + 1))


@pytest.mark.parametrize("rate", [0.5, 3.0, 30.0])
@pytest.mark.parametrize("frames", [1, 2, 11])
def test_code_of_one_level_is_decodable(frames, rate):
    """Kraft (1949): the lengths of a code that can be decoded sum to at most one."""
    edges = [(0, *inner, frames) for inner in subsets_of(range(1, frames))]
    for column in [(e, None) for e in edges], [(None, e) for e in edges]:
        assert sum(2 ** -bits(w, p, rate) for w, p in column) <= 1 + 1e-9


def test_code_of_both_levels_is_decodable():
    frames, total = 6, 0.0
    for inner in subsets_of(range(1, frames)):
        words = (0, *inner, frames)
        total += sum(2 ** -bits(words, (0, *chosen, frames)) for chosen in subsets_of(inner))
    assert 0.2 < total <= 1 + 1e-9


def test_coarse_edges_are_cheaper():
    words = np.array([0, 32, 72, 96, 128, 168])
    shifted = words + np.array([0, 1, 1, 1, 1, 0])
    assert bits(words) < bits(shifted) - 2 * 4  # 1/16 of the positions, four edges


def test_words_at_the_register_s_rate_are_cheapest():
    words = np.array([0, 32, 80, 120, 160, 208, 240, 280, 320, 400])
    assert bits(words, rate=2.5) < bits(words, rate=10.0)
    assert bits(words, rate=2.5) < bits(words, rate=0.6)


def test_cost_of_a_phrase_edge():
    words = np.arange(0, 401, 40)
    none, one = bits(words, [0, 400]), bits(words, [0, 200, 400])
    assert one - none == pytest.approx(np.log2(14))
    assert none > bits(words)


def test_even_units_cost_two_bits():
    assert bits(np.arange(0, 1001, 50)) == bits([0, 53, 107, 160]) == bits([0, 40]) == 2
    assert bits([0, 50, 101, 150]) > 12


def test_no_units_cost_nothing():
    assert bits(None) == 0
