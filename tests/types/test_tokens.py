"""The token types: validation, and bits counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from prosodytok.types import ProsodyTokens, TokenLevel
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Segmentation
from tests.sequences.strategies import LEVELS, SUBSETS, assert_same, make_tokens, prosody_tokens


def test_bits_of_codes_and_bitrate():
    tokens = make_tokens()
    assert tokens.bits["phrase"] == 2 * 3
    assert tokens.bits["word"] == 3 * (4 + 2)
    assert tokens.bits["frame"] == 13 * 5
    assert tokens.duration == 1.0
    assert tokens.bitrate == pytest.approx(sum(tokens.bits.values()))


def test_the_grid_costs_no_boundary_bits():
    assert make_tokens(names=["frame"]).bits["boundaries"] == 0


@given(prosody_tokens(LEVELS))
def test_select_keeps_levels_and_all_else(tokens):
    assert_same(tokens.select(reversed(LEVELS)), tokens)
    for names in SUBSETS:
        part = tokens.select(names)
        assert part.names == names
        assert part.register == tokens.register
        assert all(part[name] is tokens[name] for name in names)


@pytest.mark.parametrize(
    ("names", "message"), [([], "no level selected"), (["syllable"], "no level 'syllable'")]
)
def test_select_refuses(names, message):
    with pytest.raises(TokenError, match=message):
        make_tokens().select(names)


def test_levels_by_name():
    tokens = make_tokens(names=["word"])
    assert "word" in tokens
    assert "frame" not in tokens
    with pytest.raises(TokenError, match="they have word"):
        tokens["frame"]


def two_words(codes, sizes, name="word"):
    return TokenLevel(name, np.array(codes), sizes, Segmentation.unlabelled([0, 5, 9]))


@pytest.mark.parametrize(
    ("codes", "sizes", "name", "message"),
    [
        ([[0, 1]], (4,), "syllable", "unknown level 'syllable'"),
        ([[0, 1, 2]], (4,), "word", r"shape \(1, 3\)"),
        ([[0, 1]], (4, 4), "word", "2 codebooks"),
        ([0, 1], (4,), "word", r"shape \(2,\)"),
        ([[0, 4]], (4,), "word", "outside its codebook"),
        ([[-1, 0]], (4,), "word", "outside its codebook"),
    ],
)
def test_a_level_refuses(codes, sizes, name, message):
    with pytest.raises(TokenError, match=message):
        two_words(codes, sizes, name)


def test_tokens_refuse_levels_that_do_not_fit():
    word = two_words([[0, 1]], (4,))
    nested = two_words([[0, 1]], (4,), "phrase")
    crossing = TokenLevel("phrase", [[0, 1]], (4,), Segmentation.unlabelled([0, 4, 9]))
    for levels, frames, message in [
        ((), 9, "at least one level"),
        ((word, nested), 9, "coarse to fine"),
        ((word, word), 9, "unique"),
        ((word,), 10, "covers 9 frames, not 10"),
        ((crossing, word), 9, "every phrase edge"),
    ]:
        with pytest.raises(TokenError, match=message):
            ProsodyTokens(levels, Register(), frames)
    assert len(ProsodyTokens((nested, word), Register(), 9)["phrase"]) == 2


def test_the_floor_lies_below_the_ceiling():
    assert replace(make_tokens(), f0_floor=75.0, f0_ceiling=500.0).f0_floor == 75
    with pytest.raises(TokenError, match="f0_floor of 300"):
        replace(make_tokens(), f0_floor=300.0, f0_ceiling=200.0)
