import numpy as np
import parselmouth
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.io.manifest import read_manifest
from prosodytok.io.textgrid import Entry, Tier, find_tier, read_textgrid
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid, is_silence, phrase_edges
from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import seconds_to_frames

WORDS = [(0.0, 0.5, ""), (0.5, 1.0, "née"), (1.0, 1.4, 'a "b"'), (1.4, 1.8, "sil"), (1.8, 2.2, "d")]
TONES = [(1.4, "L%"), (1.5, "H*")]
LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "Words"
        xmin = 0
        xmax = 2.2
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2.2
            text = "née"
    item [2]:
        class = "TextTier"
        name = "tones"
        xmin = 0
        xmax = 2.2
        points: size = 1
        points [1]:
            number = 1.4
            mark = "L%"
"""
CHRONOLOGICAL = """"Praat chronological TextGrid text file"
0 2.2   ! Time domain.
2   ! Number of tiers.
"IntervalTier" "Words" 0 2.2
"TextTier" "tones" 0 2.2
1 0 2.2
"née"
2 1.4
"L%"
"""


def short_text(tiers, end):
    """TextGrid in the short text format; tiers are lists of intervals or points by name."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", end, "<exists>"]
    lines.append(len(tiers))
    for name, entries in tiers:
        points = bool(entries) and len(entries[0]) == 2
        lines += [f'"{"TextTier" if points else "IntervalTier"}"', f'"{name}"', "0", end]
        lines.append(len(entries))
        for *times, label in entries:
            quoted = label.replace('"', '""')
            lines += [*times, f'"{quoted}"']
    return "\n".join(map(str, lines)) + "\n"


@pytest.fixture
def write(tmp_path):
    """Write tiers as a TextGrid file."""

    def write(*tiers, end=2.2, name="test.TextGrid", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(short_text(tiers, end).encode(encoding))
        return path

    return write


SAVERS = {
    "long": "Save as text file...",
    "short": "Save as short text file...",
    "binary": "Save as binary file...",
    "chronological": "Save as chronological text file...",
}


@pytest.mark.parametrize("saver", SAVERS.values(), ids=SAVERS.keys())
def test_formats_that_praat_writes(write, tmp_path, saver):
    saved = tmp_path / "sävèd.TextGrid"
    original = write(("words", WORDS), ("tones", TONES))
    parselmouth.praat.call(parselmouth.read(str(original)), saver, str(saved))
    words, tones = read_textgrid(saved)
    assert words == Tier("words", "interval", tuple(Entry(*word) for word in WORDS), 0.0, 2.2)
    assert tones == Tier("tones", "point", tuple(Entry(t, t, mark) for t, mark in TONES), 0.0, 2.2)


@pytest.mark.parametrize("text", [LONG, CHRONOLOGICAL], ids=["long", "chronological"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings(tmp_path, text, encoding, newline):
    bom = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path = tmp_path / "test.TextGrid"
    path.write_bytes(bom + text.replace("\n", newline).encode(encoding))
    words, tones = read_textgrid(path)
    assert words.entries == (Entry(0.0, 2.2, "née"),)
    assert tones.entries == (Entry(1.4, 1.4, "L%"),)


def test_labels_may_hold_anything(write):
    odd = [(0.0, 1.0, 'tab\t"quoted" <exists>'), (1.0, 2.2, 'two\nlines 3 "IntervalTier"')]
    (tier,) = read_textgrid(write(("odd", odd)))
    assert [entry.label for entry in tier.entries] == [label for _, _, label in odd]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"not a TextGrid", bytes(range(1, 256)), b"ooBinaryFile\x08TextGrid"),
        *(LONG[:300].encode(), LONG[:-20].encode(), (LONG + "1").encode()),
        LONG.replace("TextTier", "Sound").encode(),
        LONG.replace("size = 1", "size = 2").encode(),
        LONG.replace('"TextGrid"', '"Pitch"').encode(),
    ],
)
def test_files_that_are_no_textgrids(tmp_path, content):
    path = tmp_path / "bad.TextGrid"
    path.write_bytes(content)
    with pytest.raises(SegmentationError, match=r"bad\.TextGrid"):
        read_textgrid(path)


def test_sound_is_no_textgrid(tmp_path):
    path = tmp_path / "sound.wav"
    parselmouth.Sound(np.zeros(100), 16000).save(str(path), "WAV")
    with pytest.raises(SegmentationError, match="not a TextGrid: unknown header"):
        read_textgrid(path)


def test_missing_file(tmp_path):
    with pytest.raises(SegmentationError, match="no such file"):
        read_textgrid(tmp_path / "missing.TextGrid")


def test_words_and_pauses_tile_the_utterance(write):
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
def test_word_tiers_are_known_by_name(write, name):
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


def test_find_tier(write):
    tiers = read_textgrid(write(("a", WORDS), ("b", WORDS), ("b", TONES)))
    assert find_tier(tiers, "a") is tiers[0]
    with pytest.raises(SegmentationError, match="no tier is called 'A'"):
        find_tier(tiers, "A")
    with pytest.raises(SegmentationError, match="several tiers are called 'b'"):
        find_tier(tiers, "b")


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([], "no labelled interval"),
        ([(0.0, 2.2, "sil")], "no labelled interval"),
        (TONES, "intervals are needed"),
        ([(0.0, 1.2, "a"), (1.0, 2.2, "b")], "overlap"),
        ([(0.0, 2.0, "a"), (0.5, 1.0, "b")], "overlap"),
        ([(1.0, 2.2, "a"), (1.0, 2.0, "b")], "overlap"),
        ([(1.0, 0.5, "a")], "ends before it starts"),
        ([(0.0, 2.4, "a")], r"2\.400.*ends at 2\.20 s"),
    ],
)
def test_tiers_that_hold_no_words(write, entries, problem):
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
def test_tiling_keeps_words_and_time(spans):
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
