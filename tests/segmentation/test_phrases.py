import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.segmentation.dynamic_programming import best_boundaries
from prosodytok.segmentation.phrases import LONGEST_PHRASE, phrases_by_edges, phrases_by_pauses
from prosodytok.types.segmentation import Segmentation
from tests.segmentation.prosody_strategies import segmentations


def words_of(*units):
    """Segmentation of words (positive lengths) and pauses (negative ones)."""
    labels = tuple("word" if length > 0 else "" for length in units)
    return Segmentation(np.cumsum([0, *np.abs(units)]), labels)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([30, 30, -25, 40, -30], [0, 85, 155]),
        ([-50, 30, -25, 40], [0, 105, 145]),  # leading silence belongs to the first phrase
        ([30, -19, 40], [0, 89]),  # too short
        ([30, -20, 40], [0, 50, 90]),
        ([30, -10, -15, 40], [0, 95]),  # two short pauses are not one long one
        ([-300], [0, 300]),
        ([30], [0, 30]),
        ([30, -700], [0, 730]),  # the pause does not make a phrase long
        ([-700, 30, 30, -700], [0, 1460]),
    ],
)
def test_phrases_end_after_pauses(units, expected):
    hierarchy = phrases_by_pauses(words_of(*units), "textgrid")
    assert hierarchy.phrases.boundaries.tolist() == expected
    assert hierarchy.source == "textgrid"


def test_pauses_may_be_given():
    words = words_of(-30, -30, -30, -30)
    hierarchy = phrases_by_pauses(words, "acoustic", pauses=[False, True, False, True])
    assert hierarchy.phrases.boundaries.tolist() == [0, 60, 120]


def test_long_speech_is_divided_into_phrases_of_similar_length():
    durations = phrases_by_pauses(words_of(*[30] * 100), "textgrid").phrases.durations
    assert durations.max() <= LONGEST_PHRASE
    assert durations.max() - durations.min() <= 30


def test_long_speech_is_divided_after_short_pauses():
    hierarchy = phrases_by_pauses(words_of(*[40] * 8, -15, *[40] * 6), "textgrid")
    assert hierarchy.phrases.boundaries.tolist() == [0, 335, 575]


def test_long_speech_is_divided_at_the_largest_gain():
    gains = np.zeros(14)
    gains[8] = 5.0
    hierarchy = phrases_by_pauses(words_of(*[40] * 14), "acoustic", gains=gains)
    assert hierarchy.phrases.boundaries.tolist() == [0, 320, 560]


@given(segmentations())
def test_phrases_by_pauses_nest_and_start_with_words(words):
    hierarchy = phrases_by_pauses(words, "textgrid")
    firsts = np.searchsorted(words.boundaries, hierarchy.phrases.boundaries[1:-1])
    assert hierarchy.phrases.num_frames == words.num_frames
    assert all(words.labels[first] for first in firsts)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], [0, 145]),
        ([0, 145], [0, 145]),
        ([72], [0, 105, 145]),  # nearest is the edge before the pause: it moves to its end
        ([60, 105], [0, 60, 105, 145]),
        ([58, 62], [0, 60, 145]),  # both are nearest to one edge
        ([100, 90], [0, 105, 145]),  # both edges of the pause
        ([1000, -5], [0, 145]),
    ],
)
def test_given_edges_move_to_words(edges, expected):
    words = words_of(30, 30, 20, -25, 40)
    assert phrases_by_edges(words, edges, "textgrid").phrases.boundaries.tolist() == expected


def test_an_edge_after_leading_silence_makes_no_phrase():
    words = words_of(-30, 30, 30, -20)
    hierarchy = phrases_by_edges(words, [30, 90], "textgrid")
    assert hierarchy.phrases.boundaries.tolist() == [0, 110]


@given(segmentations(), st.lists(st.integers(0, 5000)))
def test_phrases_by_edges_nest_and_start_with_words(words, edges):
    hierarchy = phrases_by_edges(words, edges, "textgrid")
    firsts = np.searchsorted(words.boundaries, hierarchy.phrases.boundaries[1:-1])
    assert hierarchy.phrases.num_frames == words.num_frames
    assert all(words.labels[first] for first in firsts)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=7), st.data())
def test_best_boundaries_are_optimal(durations, data):
    edges = np.cumsum([0, *durations])
    gain = st.floats(0, 3)
    gains = np.array(data.draw(st.lists(gain, min_size=edges.size, max_size=edges.size)))

    def cost(inner):
        lengths = np.diff(edges[[0, *inner, edges.size - 1]])
        return (np.log(lengths / 20) ** 2).sum() - gains[list(inner)].sum()

    inner = range(1, edges.size - 1)
    subsets = [[i for i in inner if mask >> i & 1] for mask in range(0, 2 ** (edges.size - 1), 2)]
    chosen = best_boundaries(edges, gains, 20.0, 1000.0).tolist()
    assert cost(chosen) == pytest.approx(min(map(cost, subsets)))
