"""Rank-frequency plot of codes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import code_counts, plot_usage
from tests.viz.figure_text import assert_legible, words_of


def test_lines_are_sorted_frequencies():
    ax = plot_usage({"phrase": [1, 0, 3], "word": np.arange(100)})
    phrase, word = ax.lines
    np.testing.assert_allclose(phrase.get_xydata(), [[1, 75], [2, 25]])
    assert word.get_xdata().size == 99
    assert (np.diff(word.get_ydata()) <= 0).all()
    assert ax.get_yscale() == "log"


def test_codes_are_counted_by_codebook():
    def tokens(phrase: int, words: list[list[int]]) -> ProsodyTokens:
        edges = range(0, 10 * len(words[0]) + 1, 10)
        whole = Segmentation.unlabelled([0, edges[-1]])
        levels = (
            TokenLevel("phrase", [[phrase]], (3,), whole),
            TokenLevel("word", words, (4, 2), Segmentation.unlabelled(list(edges))),
        )
        return ProsodyTokens(levels, Register(), edges[-1])

    counts = code_counts([tokens(2, [[0, 1, 1], [0, 0, 1]]), tokens(2, [[3], [1]])])
    assert {name: each.tolist() for name, each in counts.items()} == {
        "phrase": [0, 0, 2],
        "word 1": [1, 2, 0, 1],
        "word 2": [2, 2],
    }


def test_legend_has_perplexity_and_share():
    figure = plot_usage({"even": np.ones(8), "ha$l$f": [5, 5, 0, 0], "one": [7]}).figure
    assert_legible(figure)
    assert {
        "even: perplexity 8.0; 100 % of 8 used",
        "ha$l$f: perplexity 2.0; 50 % of 4 used",
        "one: perplexity 1.0; 100 % of 1 used",
    } <= set(words_of(figure))


def test_levels_differ_in_greyscale():
    ax = plot_usage({name: [3, 2, 1] for name in ("phrase", "word 1", "word 2", "frame")})
    assert len({line.get_marker() for line in ax.lines}) == 4
    assert_legible(ax.figure)


def test_given_axes():
    ax = Figure().add_subplot()
    assert plot_usage({}, ax=ax) is ax
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("counts", [np.ones((2, 2)), [-1, 2], [0, 0], [np.inf, 1], []])
def test_invalid_counts(counts):
    with pytest.raises(ProsodytokError, match="word: counts"):
        plot_usage({"word": counts})
