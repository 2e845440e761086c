"""Edit distances, counted by hand."""

import numpy as np
import pytest

from prosodytok.evaluation.stability.unit_edit_distance import count_unit_edits, edit_distance


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("abc", "abc", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("abc", "xyz", 3),
        ("aaaa", "aa", 2),
    ],
)
def test_edit_distance(first: str, second: str, edits: int) -> None:
    assert edit_distance(list(map(ord, first)), list(map(ord, second))) == edits
    assert edit_distance(list(map(ord, second)), list(map(ord, first))) == edits


def test_repeated_codes_count_once() -> None:
    original, copy = np.array([[1, 1, 2, 3]]), np.array([[1, 2, 2, 2, 3, 3]])
    assert count_unit_edits(original, copy) == 0
    assert count_unit_edits(original, np.array([[1, 3]])) == 1


def test_a_symbol_is_a_combination_of_codes() -> None:
    original = np.array([[1, 1, 1], [2, 3, 4]])
    assert count_unit_edits(original, np.array([[1, 1, 1], [2, 4, 4]])) == 1
