"""Contingency heat map: values, order and legibility."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import plot_contingency
from tests.viz.figure_text import assert_legible, words_of

TONES = ("H*", "!H*", "L+H*", "L-H%", "$_^", "два")


def table(num_codes: int, num_labels: int) -> np.ndarray:
    return np.random.default_rng(0).poisson(3.0, (num_codes, num_labels)) + np.eye(
        num_codes, num_labels, dtype=int
    )


def names_of(ticks) -> list[str]:
    return [tick.get_text() for tick in ticks]


def test_rows_are_shares_and_blocks_are_adjacent():
    counts = np.array([[9, 0, 1, 0], [0, 8, 0, 0], [5, 1, 7, 0], [0, 6, 0, 2]])
    ax = plot_contingency(counts, [3, 5, 7, 9], ["H*", "L*", "H%", "L%"])
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array().sum(axis=1), 100.0)
    codes, labels = names_of(ax.get_yticklabels()), names_of(ax.get_xticklabels())
    assert {*codes[:2]} == {"3", "7"}
    assert {*labels[:2]} == {"H*", "H%"}
    row, column = codes.index("7"), labels.index("H%")
    assert image.get_array()[row, column] == pytest.approx(700 / 13)


def test_bars_count_codes_and_labels():
    counts = table(4, 3)
    ax = plot_contingency(counts, range(4), TONES[:3])
    above, beside, _ = ax.child_axes
    assert sorted(bar.get_height() for bar in above.patches) == sorted(counts.sum(axis=0))
    assert sorted(bar.get_width() for bar in beside.patches) == sorted(counts.sum(axis=1))


def test_unused_codes_and_labels_are_omitted():
    counts = np.array([[1, 0, 2], [0, 0, 0], [3, 0, 1]])
    ax = plot_contingency(counts, [0, 1, 2], ["a", "b", "c"])
    assert ax.images[0].get_array().shape == (2, 2)
    assert "1" not in names_of(ax.get_yticklabels())
    assert "b" not in names_of(ax.get_xticklabels())


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (5, 1), (8, 6), (64, 14), (300, 60)])
def test_legible_at_any_size(shape):
    labels = [f"{TONES[i % 6]}{i // 6 or ''}" for i in range(shape[1])]
    ax = plot_contingency(table(*shape), range(shape[0]), labels)
    assert_legible(ax.figure)
    assert ax.figure.get_size_inches()[0] * 25.4 <= 180.1


def test_unusual_labels_are_verbatim():
    labels = ["$_^", "$x$", "длинное слово", "", "word " * 20]
    figure = plot_contingency(table(3, 5), range(3), labels).figure
    assert_legible(figure)
    assert {"$_^", "$x$", "длинное слово", "(none)"} <= set(words_of(figure))


def test_given_axes():
    ax = Figure().add_subplot()
    assert plot_contingency(table(3, 2), range(3), TONES[:2], ax=ax) is ax


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.ones((2, 3)), r"\(2, 3\) for 2 codes and 2 labels"),
        (np.ones(4), r"\(4,\)"),
        ([[1, -1], [0, 0]], "negative"),
        (np.zeros((2, 2)), "above zero"),
        ([[1, np.nan], [0, 0]], "finite"),
    ],
)
def test_invalid_counts(counts, message):
    with pytest.raises(ProsodytokError, match=message):
        plot_contingency(counts, [0, 1], ["a", "b"])
