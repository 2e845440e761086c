"""Words, phones and phrases from TextGrids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.io.manifest import read_manifest
from prosodytok.io.textgrid import Entry, Tier, read_textgrid
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.textgrid_tiers import phrase_edges, words_tier_of
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid, phones_from_textgrid
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
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


def labels_at(hierarchy):
    """Words and pauses with their first frames."""
    words = hierarchy.words
    return list(zip(words.labels, words.boundaries[:-1].tolist(), strict=True))


def test_times_of_a_longer_recording(tmp_path):
    """Praat's "Preserve times": the TextGrid starts at 3 s."""
    later = [(start + 3, end + 3, label) for start, end, label in WORDS]
    path = short_textgrid(
        tmp_path / "a.TextGrid", ("words", later), ("ip", [(4.0, "L%")]), start=3.0, end=5.2
    )
    hierarchy = hierarchy_from_textgrid(path, 220, phrases_tier="ip")
    assert hierarchy.words.boundaries.tolist() == [0, 50, 100, 140, 180, 220]
    assert hierarchy.phrases.boundaries.tolist() == [0, 100, 220]
    assert not hierarchy.warnings


def test_tiers_with_ends_of_their_own(tmp_path):
    path = short_textgrid(tmp_path / "a.TextGrid", ("words", WORDS), end=9.0)
    path.write_text(path.read_text().replace("\n9.0\n", "\n2.2\n").replace("\n2.2\n", "\n9.0\n", 1))
    assert labels_at(hierarchy_from_textgrid(path, 900))[-2:] == [("d", 180), ("", 220)]


@pytest.mark.parametrize(("num_frames", "side"), [(250, "before"), (190, "after")])
def test_a_textgrid_with_another_end_is_doubtful(write, num_frames, side):
    (warning,) = hierarchy_from_textgrid(write(("words", WORDS[:3])), num_frames).warnings
    assert warning == f"the TextGrid ends 0.30 s {side} the sound"


def test_overlaps_of_two_frames(write):
    words = [(0.0, 1.02, "a"), (1.0, 2.2, "b")]
    assert labels_at(hierarchy_from_textgrid(write(("words", words)), 220)) == [
        ("a", 0),
        ("b", 100),
    ]


def test_further_silence_labels(write):
    hierarchy = hierarchy_from_textgrid(write(("words", WORDS)), 220, silence_labels=("NÉE ", "d"))
    assert labels_at(hierarchy) == [("", 0), ('a "b"', 100), ("", 140)]


SPEECH = [(0.3, 0.8, "a"), (0.8, 1.3, "b"), (1.6, 2.0, "c")]


@pytest.fixture(scope="module")
def prosody():
    """Speech where `SPEECH` has words."""
    voiced = np.zeros(220, dtype=bool)
    for start, end, _ in SPEECH:
        voiced[round(100 * start) : round(100 * end)] = True
    return Prosody(np.full(220, 150.0), voiced, np.where(voiced, -20.0, -70.0))


POINTS = {
    "starts": [(start, label) for start, _, label in SPEECH],
    "ends": [(end, label) for _, end, label in SPEECH],
    "starts, pauses": [(0.0, "#"), (0.3, "a"), (0.8, "b"), (1.3, ""), (1.6, "c"), (2.0, "<p:>")],
    "ends, pauses": [(0.3, "#"), (0.8, "a"), (1.3, "b"), (1.6, ""), (2.0, "c"), (2.2, "<p:>")],
}


@pytest.mark.parametrize("case", POINTS)
def test_words_as_points(write, prosody, case):
    path = write(("words", POINTS[case]))
    hierarchy = hierarchy_from_textgrid(path, 220, prosody=prosody)
    assert hierarchy.words.labels == ("", "a", "b", "", "c", "")
    assert hierarchy.words.boundaries == pytest.approx([0, 30, 80, 130, 160, 200, 220], abs=2)
    convention = case.split(",")[0]
    assert hierarchy.warnings == (
        f"the points of tier 'words' are taken as the {convention} of words",
    )


def test_words_as_points_without_prosody(write):
    starts = hierarchy_from_textgrid(write(("words", POINTS["starts"])), 220)
    assert labels_at(starts) == [("", 0), ("a", 30), ("b", 80), ("c", 160)]
    ends = hierarchy_from_textgrid(write(("words", [(0.8, "a"), (2.2, "b")])), 220)
    assert labels_at(ends) == [("a", 0), ("b", 80)]


def test_a_point_behind_the_sound(write):
    with pytest.raises(SegmentationError, match=r"'x' .* audio ends at 2\.20 s"):
        hierarchy_from_textgrid(write(("words", [(0.5, "a"), (2.4, "x")])), 220)


def test_tones_without_words(write, prosody):
    path = write(("tones", [(0.3, "%L"), (0.5, "H*"), (1.05, "L-L%"), (2.0, "H%")]))
    hierarchy = hierarchy_from_textgrid(path, 220, prosody=prosody)
    assert {105, 160} <= set(hierarchy.words.boundaries.tolist())  # the first divides a word
    assert 105 in hierarchy.phrases.boundaries
    assert hierarchy.source == "textgrid"
    assert hierarchy.warnings == (
        "the TextGrid has no words: found by rule, in phrases by tier 'tones'",
    )
    with pytest.raises(SegmentationError, match="no tier looks like the words"):
        hierarchy_from_textgrid(path, 220)


def test_phrases_without_words(write, prosody):
    path = write(("tones", TONES), ("IP", [(0.3, 1.3, "L%"), (1.6, 2.0, "H%")]))
    hierarchy = hierarchy_from_textgrid(path, 220, phrases_tier="2", prosody=prosody)
    assert hierarchy.phrases.boundaries.tolist() == [0, 160, 220]


def test_words_of_an_unknown_tier_are_not_replaced(write, prosody):
    with pytest.raises(SegmentationError, match="no tier looks like the words"):
        hierarchy_from_textgrid(write(("kalimat", WORDS), ("tones", TONES)), 220, prosody=prosody)


def test_words_of_several_speakers(write):
    silent = [(0.0, 2.2, "")]
    path = write(("Ann - words", WORDS), ("Ann - phones", WORDS), ("Bob - words", silent))
    assert hierarchy_from_textgrid(path, 220).words.labels[1] == "née"
    path = write(("Ann - words", WORDS), ("Bob - words", WORDS), ("Ann", WORDS))
    with pytest.raises(SegmentationError, match=r"'Ann - words', 'Bob - words'.*--speakers"):
        hierarchy_from_textgrid(path, 220)
    tiers = read_textgrid(path)
    assert words_tier_of(tiers, "bob") is tiers[1]
    assert words_tier_of(tiers, "Ann") is tiers[0]
    with pytest.raises(SegmentationError, match=r"no tier has the words of 'Eve'.*2 'Bob - words'"):
        words_tier_of(tiers, "Eve")


def test_tiers_of_webmaus(write):
    path = write(("ORT-MAU", WORDS), ("KAN-MAU", WORDS), ("MAU", [(0.5, 1.0, "n")]))
    assert hierarchy_from_textgrid(path, 220).words.labels[1] == "née"
    assert phones_from_textgrid(path, 220).labels == ("", "n", "")


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
