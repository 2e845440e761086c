import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.types.errors import SegmentationError
from prosodytok.types.segmentation import Hierarchy, Segmentation
from tests.segmentation.prosody_strategies import segmentations


@given(segmentations())
def test_units_tile_the_utterance(words):
    assert words.durations.sum() == words.num_frames
    assert words.unit_of_frame.size == words.num_frames
    np.testing.assert_array_equal(np.bincount(words.unit_of_frame), words.durations)


@given(segmentations())
def test_unit_at_agrees_with_unit_of_frame(words):
    frames = np.arange(words.num_frames)
    np.testing.assert_array_equal(words.unit_at(frames), words.unit_of_frame)
    np.testing.assert_array_equal(words.unit_at(frames + 0.5), words.unit_of_frame)


def test_unit_at_stays_inside():
    words = Segmentation.unlabelled([0, 3, 7])
    assert words.unit_at([-1, 7, 100]).tolist() == [0, 1, 1]


@given(st.integers(1, 1000), st.integers(1, 50))
def test_grid_has_equal_units_but_for_the_last(num_frames, step):
    grid = Segmentation.grid(num_frames, step)
    assert grid.num_frames == num_frames
    assert (grid.durations[:-1] == step).all()
    assert 1 <= grid.durations[-1] <= step


@pytest.mark.parametrize(
    ("boundaries", "labels"),
    [([0], ()), ([1, 2], ("a",)), ([0, 2, 2], ("a", "b")), ([0, 2, 1], ("a", "b")), ([0, 2], ())],
)
def test_boundaries_that_do_not_tile_are_refused(boundaries, labels):
    with pytest.raises(SegmentationError):
        Segmentation(boundaries, labels)


def test_phrases_must_nest_in_words():
    words = Segmentation.unlabelled([0, 10, 20])
    with pytest.raises(SegmentationError, match="word edge"):
        Hierarchy(Segmentation.unlabelled([0, 5, 20]), words, "acoustic")
    with pytest.raises(SegmentationError, match="same frames"):
        Hierarchy(Segmentation.unlabelled([0, 10]), words, "acoustic")


def test_from_words_groups_words():
    words = Segmentation.unlabelled([0, 10, 20, 30])
    assert Hierarchy.from_words(words, [2], "acoustic").phrases.boundaries.tolist() == [0, 20, 30]
    assert Hierarchy.from_words(words, [], "acoustic").phrases.boundaries.tolist() == [0, 30]
