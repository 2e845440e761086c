"""Agreement of codes in time, on levels made by hand."""

import math

import numpy as np
import pytest

from prosodytok.evaluation.stability.code_agreement import (
    CommonStretch,
    chance_agreement,
    codebooks_of,
    same_codes,
)
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ProsodytokError


def level(edges: list[int], *codes: list[int], name: str = "word") -> TokenLevel:
    return TokenLevel(name, np.array(codes), (8,) * len(codes), Segmentation.unlabelled(edges))


def whole(frames: int) -> CommonStretch:
    return CommonStretch.of(frames, frames, 0.0)


def test_equal_codes_agree_in_every_frame() -> None:
    one = level([0, 4, 10], [1, 2])
    assert same_codes(one, one, whole(10)).tolist() == [True] * 10


def test_a_moved_edge_costs_the_frames_between() -> None:
    same = same_codes(level([0, 4, 10], [1, 2]), level([0, 6, 10], [1, 2]), whole(10))
    assert np.flatnonzero(~same).tolist() == [4, 5]


def test_codebooks_agree_together_only_where_all_do() -> None:
    original, copy = level([0, 4, 10], [1, 2], [3, 3]), level([0, 4, 10], [1, 2], [3, 0])
    assert same_codes(original, copy, whole(10)).sum() == 4


def test_a_copy_is_compared_after_its_offset() -> None:
    stretch = CommonStretch.of(10, 7, 0.03)
    assert (stretch.original, stretch.copy) == (slice(3, 10), slice(0, 7))
    assert same_codes(level([0, 4, 10], [1, 2]), level([0, 1, 7], [1, 2]), stretch).all()


def test_what_only_one_of_them_has_does_not_count() -> None:
    assert CommonStretch.of(10, 110, 0.0) == CommonStretch(slice(0, 10), slice(0, 10))
    assert CommonStretch.of(10, 6, 0.0) == CommonStretch(slice(0, 6), slice(0, 6))
    with pytest.raises(ProsodytokError, match="nothing is left"):
        CommonStretch.of(30, 30, 0.3)


def test_the_codebooks_of_a_level_stand_beside_the_level() -> None:
    levels = (level([0, 10], [1], name="phrase"), level([0, 4, 10], [1, 2], [3, 4]))
    found = codebooks_of(ProsodyTokens(levels, Register(), 10))
    assert list(found) == ["phrase", "word 1", "word 2", "word"]
    assert found["word 2"].codes.tolist() == [[3, 4]]
    assert found["word"] is levels[1]


def test_chance_is_the_sum_of_squared_shares_of_time() -> None:
    one, two = level([0, 4, 10], [1, 2]), level([0, 10], [2])
    everywhere = np.ones(10, bool)
    assert chance_agreement([one], [everywhere]) == pytest.approx(0.4**2 + 0.6**2)
    assert chance_agreement([one, two], [everywhere] * 2) == pytest.approx(0.2**2 + 0.8**2)


def test_chance_of_some_frames_and_of_none() -> None:
    one = level([0, 4, 10], [1, 2])
    assert chance_agreement([one], [np.arange(10) < 5]) == pytest.approx(0.8**2 + 0.2**2)
    assert math.isnan(chance_agreement([one], [np.zeros(10, bool)]))


def test_chance_of_several_codebooks_is_that_of_their_combinations() -> None:
    pair = level([0, 5, 10], [1, 1], [3, 4])
    assert chance_agreement([pair], [np.ones(10, bool)]) == pytest.approx(0.5)
