"""Codebook map: positions, areas and colours."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import plot_codebook
from prosodytok.viz.codebook_map import LARGEST_DOT
from tests.viz.figure_text import assert_legible, words_of

RNG = np.random.default_rng(0)


def dots_of(ax) -> dict[str, PathCollection]:
    return {c.get_label(): c for c in ax.collections}


def test_positions_are_principal_components():
    vectors = np.zeros((4, 3))
    vectors[:, 1] = [-3, 3, 0, 0]
    vectors[:, 2] = [0, 0, -1, 1]
    ax = plot_codebook(vectors, [1, 1, 1, 1])
    dots = dots_of(ax)["any"].get_offsets()
    np.testing.assert_allclose(np.abs(dots), np.abs(vectors[:, 1:]), atol=1e-9)
    assert ax.get_xlabel() == "first component (90 % of variance)"
    assert ax.get_ylabel() == "second component (10 %)"


def test_areas_follow_the_counts_and_unused_codes_are_crosses():
    ax = plot_codebook(RNG.normal(size=(3, 4)), [100, 25, 0])
    large, small = dots_of(ax)["any"].get_sizes()
    assert large == pytest.approx(4 * small)
    (crosses,) = ax.lines
    assert crosses.get_xdata().size == 1


def test_frequent_labels_have_colours_and_shapes():
    labels = [f"L{i}*" for i in range(10)]
    ax = plot_codebook(RNG.normal(size=(10, 4)), range(10, 0, -1), labels)
    dots = dots_of(ax)
    assert list(dots) == [*labels[:7], "other"]
    assert dots["other"].get_offsets().shape == (3, 2)
    assert len({tuple(c.get_edgecolor()[0]) for c in dots.values()}) == 8
    assert len({c.get_paths()[0].vertices.tobytes() for c in dots.values()}) == 8


def test_codes_without_a_label_are_hollow():
    ax = plot_codebook(RNG.normal(size=(4, 4)), [1, 9, 2, 3], ["H*", "other", "", "other"])
    dots = dots_of(ax)
    assert {name: len(c.get_offsets()) for name, c in dots.items()} == {
        "H*": 1,
        "other": 2,
        "no label": 1,
    }
    assert dots["no label"].get_facecolor()[0].tolist() == [1, 1, 1, 1]
    assert_legible(ax.figure)


@pytest.mark.parametrize("shape", [(1, 5), (2, 1), (32, 16), (320, 16), (320, 1)])
def test_numbers_do_not_overlap(shape):
    labels = [("H*", "$_^", "два", "$x$")[i % 4] for i in range(shape[0])]
    counts = RNG.integers(0, 50, shape[0]) + 1
    figure = plot_codebook(RNG.normal(size=shape), counts, labels).figure
    assert_legible(figure)
    texts = words_of(figure)
    assert str(counts.argmax()) in texts
    assert set(labels) <= set(texts)


def test_overlapping_numbers_are_hidden():
    figure = plot_codebook(np.zeros((3, 2)), [9, 8, 7]).figure
    numbers = [word for word in words_of(figure) if word in ("0", "1", "2")]
    assert numbers.count("1") == 0
    assert_legible(figure)


@pytest.mark.parametrize("spread", [(3.0, 1.0), (1.7, 1.0), (1.5, 1.0), (1.0, 3.0), (1.0, 0.0)])
def test_the_largest_dots_are_within_the_axes(spread):
    positions = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]]) * spread
    ax = plot_codebook(positions, [9, 9, 9, 9])
    ax.figure.draw_without_rendering()
    points = ax.transData.transform(dots_of(ax)["any"].get_offsets())
    radius = LARGEST_DOT / 2 / 72 * ax.figure.dpi
    box = ax.get_window_extent()
    assert (points - radius >= box.min).all()
    assert (points + radius <= box.max).all()


def test_given_axes():
    ax = Figure().add_subplot()
    assert plot_codebook(RNG.normal(size=(5, 3)), np.zeros(5), ax=ax) is ax
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("vectors", "counts", "labels", "message"),
    [
        (np.ones((3, 2)), np.ones(2), None, r"\(3, 2\) and \(2,\)"),
        (np.ones(3), np.ones(3), None, r"\(3,\)"),
        (np.ones((0, 2)), np.ones(0), None, r"\(0, 2\)"),
        (np.ones((3, 2)), np.ones(3), ["a"], "1 labels for 3 codes"),
        (np.full((3, 2), np.nan), np.ones(3), None, "finite"),
        (np.ones((3, 2)), [-1, 1, 1], None, "negative"),
    ],
)
def test_invalid_inputs(vectors, counts, labels, message):
    with pytest.raises(ProsodytokError, match=message):
        plot_codebook(vectors, counts, labels)
