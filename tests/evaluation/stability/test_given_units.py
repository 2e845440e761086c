"""Units of a copy that are cut from those of the original."""

import numpy as np
import pytest

from prosodytok.evaluation.stability.given_units import (
    UnitsOfOriginal,
    cut_hierarchy,
    units_of_copy,
)
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import Hierarchy, Segmentation

WORDS = Segmentation(np.array([0, 30, 50, 80, 100]), ("one", "two", "", "three"))
PHRASES = Segmentation.unlabelled([0, 80, 100])
UNITS = Hierarchy(PHRASES, WORDS, "textgrid", np.array([False, False, True, False]))


@pytest.mark.parametrize(
    ("start", "frames", "words", "phrases", "labels"),
    [
        (0, 100, [0, 30, 50, 80, 100], [0, 80, 100], ["one", "two", "", "three"]),
        (1, 99, [0, 29, 49, 79, 99], [0, 79, 99], ["one", "two", "", "three"]),
        (30, 70, [0, 20, 50, 70], [0, 50, 70], ["two", "", "three"]),
        (0, 70, [0, 30, 50, 70], [0, 70], ["one", "two", ""]),
        (0, 200, [0, 30, 50, 80, 100, 200], [0, 80, 200], ["one", "two", "", "three", ""]),
    ],
)
def test_units_are_cut_to_the_copy(
    start: int, frames: int, words: list[int], phrases: list[int], labels: list[str]
) -> None:
    found = cut_hierarchy(UNITS, start, frames)
    assert found.words.boundaries.tolist() == words
    assert found.phrases.boundaries.tolist() == phrases
    assert list(found.words.labels) == labels
    assert found.pauses is not None
    assert found.pauses.tolist() == [label == "" for label in labels]


def test_only_given_units_are_those_of_the_original() -> None:
    by_rule = UnitSpec("acoustic")
    assert units_of_copy(by_rule, UNITS, 0.01) is by_rule
    given = units_of_copy(UnitSpec(text="one two three"), UNITS, 0.01)
    assert isinstance(given, UnitsOfOriginal)
    assert given.source == "textgrid"
