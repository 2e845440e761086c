"""Words, phones and phrases from TextGrids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.io.manifest import read_manifest
from prosodytok.io.textgrid import Entry, Tier
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.segmentation.textgrid_tiers import phrase_edges
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import seconds_to_frames
from tests.io.short_textgrid import TONES, WORDS, short_textgrid


@pytest.fixture
def write(tmp_path):
    """Write tiers as a TextGrid file."""
    return lambda *tiers, end=2.2: short_textgrid(tmp_path / "test.TextGrid", *tiers, end=end)


def test_words_and_pauses_cover_the_utterance(write):
    hierarchy = hierarchy_from_textgrid(write(("words", WORDS)), 220)
    assert hierarchy.words.boundaries.tolist() == [0, 50, 100, 140, 180, 220]
    assert hierarchy.words.labels == ("", "née", 'a "b"', "", "d")
    assert hierarchy.phrases.boundaries.tolist() == [0, 180, 220]
    assert hierarchy.source == "textgrid"


def test_adjacent_and_missing_pauses_become_one(write):
    words = [(0.3, 0.8, "a"), (0.8, 1.0, "#"), (1.0, 1.2, ""), (1.5, 1.6, "<p:>"), (1.7, 1.9, "b")]
    hierarchy = hierarchy_from_textgrid(write(("words", words)), 220)
    assert hierarchy.words.boundaries.tolist() == [0, 30, 80, 170, 190, 220]
    assert hierarchy.words.labels == ("", "a", "", "b", "")


def test_gaps_under_60_ms_go_to_the_word_before(write):
    words = [(0.05, 0.5, "a"), (0.55, 1.0, "b"), (1.0, 1.03, ""), (1.03, 2.15, "c")]
    hierarchy = hierarchy_from_textgrid(write(("words", words)), 220)
    assert hierarchy.words.boundaries.tolist() == [0, 55, 103, 220]


def test_words_shorter_than_a_frame_keep_one(write):
    words = [(0.0, 1.0, "a"), (1.0, 1.0, "b"), (1.0, 1.004, "c"), (1.004, 2.2, "d")]
    hierarchy = hierarchy_from_textgrid(write(("words", words)), 220)
    assert hierarchy.words.boundaries.tolist() == [0, 100, 101, 102, 220]


@pytest.mark.parametrize(
    "name", ["words", "WORD", "ortho", "Text", "ORT-MAU", "speaker 1 - words", "Wörter"]
)
def test_names_of_word_tiers(write, name):
    path = write(("phones", [(0.0, 2.2, "x")]), (name, WORDS), ("words2", TONES))
    assert hierarchy_from_textgrid(path, 220).words.labels[1] == "née"


def test_no_word_tier(write):
    path = write(("phones", WORDS), ("tones", TONES))
    with pytest.raises(SegmentationError, match=r"test\.TextGrid.*'phones'.*'tones'.*words_tier="):
        hierarchy_from_textgrid(path, 220)


def test_several_word_tiers(write):
    path = write(("Word", WORDS), ("Text", WORDS))
    with pytest.raises(SegmentationError, match=r"'Word'.*'Text'.*words_tier="):
        hierarchy_from_textgrid(path, 220)
    assert len(hierarchy_from_textgrid(path, 220, words_tier="Text").words) == 5


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([], "no labelled interval"),
        ([(0.0, 2.2, "sil")], "no labelled interval"),
        ([(0.0, 1.2, "a"), (1.0, 2.2, "b")], "overlap"),
        ([(0.0, 2.0, "a"), (0.5, 1.0, "b")], "overlap"),
        ([(1.0, 2.2, "a"), (1.0, 2.0, "b")], "overlap"),
        ([(1.0, 0.5, "a")], "ends before it starts"),
        ([(0.0, 2.4, "a")], r"2\.400.*ends at 2\.20 s"),
    ],
)
def test_tiers_without_valid_words(write, entries, problem):
    with pytest.raises(SegmentationError, match=rf"test\.TextGrid: .*{problem}"):
        hierarchy_from_textgrid(write(("words", entries)), 220, words_tier="words")


def test_too_many_words(write):
    words = [(i / 500, (i + 1) / 500, "a") for i in range(5)]
    with pytest.raises(SegmentationError, match="do not fit"):
        hierarchy_from_textgrid(write(("words", words), end=0.01), 1)


@pytest.mark.parametrize("num_frames", [100, 165, 275, 1000])
def test_textgrid_of_another_recording(write, num_frames):
    with pytest.raises(SegmentationError, match=rf"2\.20 s.*{num_frames / 100:.2f} s"):
        hierarchy_from_textgrid(write(("words", WORDS)), num_frames)


@pytest.mark.parametrize("num_frames", [215, 219, 225, 265])
def test_textgrid_a_little_shorter_or_longer(write, num_frames):
    assert (
        hierarchy_from_textgrid(write(("words", WORDS)), num_frames).words.num_frames == num_frames
    )


PHRASES = {
    "intervals": [(0.5, 0.97, "H%"), (0.97, 2.2, "L%")],
    "boundary tones": [(0.5, "%L"), (0.75, "H*"), (0.98, "H-H%"), (2.2, "L%")],
    "break indices": [(1.01, "4"), (1.4, "1"), (2.2, "4")],
}


@pytest.mark.parametrize("entries", PHRASES.values(), ids=PHRASES.keys())
def test_annotated_phrases(write, entries):
    path = write(("words", WORDS), ("ip", entries))
    hierarchy = hierarchy_from_textgrid(path, 220, phrases_tier="ip")
    assert hierarchy.phrases.boundaries.tolist() == [0, 100, 220]


def test_tier_that_marks_no_phrase(write):
    path = write(("words", WORDS), ("accents", [(0.7, "H*")]))
    with pytest.raises(SegmentationError, match=r"test\.TextGrid.*'accents' marks no phrase"):
        hierarchy_from_textgrid(path, 220, phrases_tier="accents")


def test_phrase_edges_are_sorted_and_unique():
    entries = (Entry(1.0, 2.0, "b"), Entry(0.0, 1.0, "a"), Entry(2.0, 3.0, ""))
    assert phrase_edges(Tier("ip", "interval", entries, 0.0, 3.0)) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("label", ["", " ", "SIL", "<p:>", "#", "h#"])
def test_silence_labels(label):
    assert is_silence(label)
    assert not is_silence(f"a{label}b")


@given(st.lists(st.tuples(st.floats(0, 0.2), st.floats(0, 0.7)), min_size=1, max_size=20))
def test_intervals_to_segmentation_keeps_words_and_time(spans):
    times = np.cumsum(np.ravel(spans))
    intervals = [(float(a), float(b), str(i)) for i, (a, b) in enumerate(times.reshape(-1, 2))]
    num_frames = seconds_to_frames(times[-1]) + 2 * len(spans)
    words = intervals_to_segmentation(intervals, num_frames)
    assert words.durations.sum() == num_frames
    assert [label for label in words.labels if label] == [label for _, _, label in intervals]
    silences = [not label for label in words.labels]
    assert not any(np.logical_and(silences[1:], silences[:-1]))


@pytest.mark.shared_data
def test_annotations_of_all_corpora_are_read(shared_data):
    for utterance in read_manifest(shared_data / "tobi" / "tobi.jsonl")[::25]:
        num_frames = seconds_to_frames(utterance.duration)
        hierarchy = hierarchy_from_textgrid(
            utterance.textgrid,
            num_frames,
            words_tier=utterance.words_tier,
            phrases_tier=utterance.phrases_tier,
        )
        assert hierarchy.words.num_frames == num_frames
        assert any(hierarchy.words.labels)
