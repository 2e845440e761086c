"""R² against bit rate, with intervals."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from prosodytok.viz import plot_explained
from tests.viz.figure_text import assert_legible, words_of


def predictor(value: float, low_bits: float, high_bits: float) -> dict:
    r2 = {"value": value, "low": value - 0.1, "high": value + 0.05}
    return {"r2": r2, "bits_per_second": [low_bits, high_bits]}


PREDICTORS = {
    "no labels": predictor(-0.2, 0, 0),
    "hand $labels$_^": predictor(0.4, 9, 22),
    "labels and tokens": predictor(0.7, 60, 72),
    "phrase": predictor(0.3, 6, 6),
    "word alone": predictor(0.7, 44, 44),
    "phrase + word": predictor(0.8, 50, 50),
    "phrase + word + frame": predictor(0.95, 160, 160),
}


def lines_of(ax) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def drawn(ax, points: list) -> bool:
    return any(
        np.allclose(line.get_xydata(), points)
        for line in ax.lines
        if len(line.get_xdata()) == len(points)
    )


def test_tokens_are_a_line_and_labels_a_range():
    ax = plot_explained(PREDICTORS)
    np.testing.assert_allclose(lines_of(ax)["tokens"], [[6, 0.3], [50, 0.8], [160, 0.95]])
    np.testing.assert_allclose(lines_of(ax)["word alone"], [[44, 0.7]])
    assert drawn(ax, [[9, 0.4], [22, 0.4]])
    assert drawn(ax, [[60, 0.7], [72, 0.7]])
    np.testing.assert_allclose(lines_of(ax)["no labels"][:, 1], -0.2)


def test_intervals_are_vertical():
    ax = plot_explained(PREDICTORS)
    middle = np.sqrt(9 * 22)
    assert drawn(ax, [[middle, 0.3], [middle, 0.45]])
    assert drawn(ax, [[50, 0.7], [50, 0.85]])


def test_everything_is_within_the_axes_and_legible():
    ax = plot_explained(PREDICTORS)
    assert_legible(ax.figure)
    low, high = ax.get_xlim()
    assert low < 6
    assert high > 160
    assert ax.get_ylim()[0] < -0.3
    assert {"phrase", "+ word", "+ frame", "hand $labels$_^"} <= set(words_of(ax.figure))


def test_markers_differ_in_greyscale():
    ax = plot_explained(PREDICTORS)
    lines = [line for line in ax.lines if line.get_label() in {*PREDICTORS, "tokens"}]
    marks = [(line.get_marker(), line.get_markerfacecolor() == "none") for line in lines]
    assert len(set(marks)) == len(marks) == 5


@pytest.mark.parametrize("names", [[], ["phrase"], ["no labels"], ["hand $labels$_^"]])
def test_any_subset_in_given_axes(names):
    ax = Figure().add_subplot()
    assert plot_explained({name: PREDICTORS[name] for name in names}, ax=ax) is ax
    ax.figure.draw_without_rendering()
