"""The map of a codebook: places, areas and colours say what they are meant to say."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import plot_codebook
from prosodytok.viz.codebook_map import LARGEST
from tests.viz.figure_text import assert_legible, words_of

RNG = np.random.default_rng(0)


def dots_of(ax) -> dict[str, PathCollection]:
    return {c.get_label(): c for c in ax.collections}


def test_places_are_principal_components():
    vectors = np.zeros((4, 3))
    vectors[:, 1] = [-3, 3, 0, 0]
    vectors[:, 2] = [0, 0, -1, 1]
    ax = plot_codebook(vectors, [1, 1, 1, 1])
    found = dots_of(ax)["any"].get_offsets()
    np.testing.assert_allclose(np.abs(found), np.abs(vectors[:, 1:]), atol=1e-9)
    assert ax.get_xlabel() == "first component (90 % of variance)"
    assert ax.get_ylabel() == "second component (10 %)"


def test_areas_follow_the_counts_and_unused_codes_are_crosses():
    ax = plot_codebook(RNG.normal(size=(3, 4)), [100, 25, 0])
    large, small = dots_of(ax)["any"].get_sizes()
    assert large == pytest.approx(4 * small)
    (crosses,) = ax.lines
    assert crosses.get_xdata().size == 1


def test_labels_have_colours_and_shapes_and_the_rest_is_other():
    labels = [f"L{i}*" for i in range(10)]
    ax = plot_codebook(RNG.normal(size=(10, 4)), range(10, 0, -1), labels)
    found = dots_of(ax)
    assert list(found) == [*labels[:7], "other"]
    assert found["other"].get_offsets().shape == (3, 2)
    assert len({tuple(c.get_edgecolor()[0]) for c in found.values()}) == 8
    assert len({c.get_paths()[0].vertices.tobytes() for c in found.values()}) == 8


def test_codes_without_a_label_are_hollow_and_others_are_one():
    ax = plot_codebook(RNG.normal(size=(4, 4)), [1, 9, 2, 3], ["H*", "other", "", "other"])
    found = dots_of(ax)
    assert {name: len(c.get_offsets()) for name, c in found.items()} == {
        "H*": 1,
        "other": 2,
        "no label": 1,
    }
    assert found["no label"].get_facecolor()[0].tolist() == [1, 1, 1, 1]
    assert_legible(ax.figure)


@pytest.mark.parametrize("shape", [(1, 5), (2, 1), (32, 16), (320, 16), (320, 1)])
def test_numbers_never_meet(shape):
    labels = [("H*", "$_^", "два", "$x$")[i % 4] for i in range(shape[0])]
    counts = RNG.integers(0, 50, shape[0]) + 1
    figure = plot_codebook(RNG.normal(size=shape), counts, labels).figure
    assert_legible(figure)
    written = words_of(figure)
    assert str(counts.argmax()) in written
    assert set(labels) <= set(written)


def test_one_code_hides_no_more_than_it_must():
    figure = plot_codebook(np.zeros((3, 2)), [9, 8, 7]).figure
    numbers = [word for word in words_of(figure) if word in ("0", "1", "2")]
    assert numbers.count("1") == 0
    assert_legible(figure)


@pytest.mark.parametrize("spread", [(3.0, 1.0), (1.7, 1.0), (1.5, 1.0), (1.0, 3.0), (1.0, 0.0)])
def test_the_largest_dots_are_within_the_axes(spread):
    places = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]]) * spread
    ax = plot_codebook(places, [9, 9, 9, 9])
    ax.figure.draw_without_rendering()
    points = ax.transData.transform(dots_of(ax)["any"].get_offsets())
    radius = LARGEST / 2 / 72 * ax.figure.dpi
    box = ax.get_window_extent()
    assert (points - radius >= box.min).all()
    assert (points + radius <= box.max).all()


def test_it_draws_into_given_axes():
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
def test_wrong_shapes_are_refused(vectors, counts, labels, message):
    with pytest.raises(ProsodytokError, match=message):
        plot_codebook(vectors, counts, labels)
