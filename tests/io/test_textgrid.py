"""TextGrids: reading of all formats, and writing that Praat and praatio read back exactly."""

from dataclasses import replace

import numpy as np
import parselmouth
import pytest
from parselmouth.praat import call
from praatio import textgrid as praatio_textgrid

from prosodytok.io.textgrid import (
    Entry,
    TextGrid,
    Tier,
    align_to_sound,
    find_tier,
    read_textgrid,
    write_textgrid,
)
from prosodytok.types.errors import SegmentationError
from tests.io.short_textgrid import TONES, WORDS, short_textgrid
from tests.sequences.strategies import SUBSETS, make_tokens

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


@pytest.fixture
def write(tmp_path):
    """Write tiers as a TextGrid file."""
    return lambda *tiers: short_textgrid(tmp_path / "test.TextGrid", *tiers)


SAVERS = {
    "long": "Save as text file...",
    "short": "Save as short text file...",
    "binary": "Save as binary file...",
    "chronological": "Save as chronological text file...",
}


@pytest.mark.parametrize("saver", SAVERS.values(), ids=SAVERS.keys())
def test_formats_of_praat(write, tmp_path, saver):
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


def test_any_label(write):
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
def test_files_that_are_not_textgrids(tmp_path, content):
    path = tmp_path / "bad.TextGrid"
    path.write_bytes(content)
    with pytest.raises(SegmentationError, match=r"bad\.TextGrid"):
        read_textgrid(path)


def test_sound_is_not_a_textgrid(tmp_path):
    path = tmp_path / "sound.wav"
    parselmouth.Sound(np.zeros(100), 16000).save(str(path), "WAV")
    with pytest.raises(SegmentationError, match="not a TextGrid: unknown header"):
        read_textgrid(path)


def test_missing_file(tmp_path):
    with pytest.raises(SegmentationError, match="no such file"):
        read_textgrid(tmp_path / "missing.TextGrid")


def test_find_tier(write):
    tiers = read_textgrid(write(("a", WORDS), ("b", WORDS), ("b", TONES)))
    assert find_tier(tiers, "a") is tiers[0]
    with pytest.raises(SegmentationError, match="no tier is called 'A'"):
        find_tier(tiers, "A")
    with pytest.raises(SegmentationError, match=r"several tiers are called 'b'.*2 'b'.*number"):
        find_tier(tiers, "b")


def test_find_tier_by_number(write):
    tiers = read_textgrid(write(("b", WORDS), ("b", TONES), ("1", WORDS), (" caf\u00e9 ", TONES)))
    assert find_tier(tiers, "2") is tiers[1]
    assert find_tier(tiers, "1") is tiers[2]  # names take precedence
    assert find_tier(tiers, "cafe\u0301") is tiers[3]
    for name in ("0", "5", "-1", "1.0"):
        with pytest.raises(SegmentationError, match="no tier is called"):
            find_tier(tiers, name)


@pytest.mark.parametrize(
    ("start", "end", "duration", "shift"),
    [
        (0.0, 2.2, 2.2, 0.0),
        (0.4, 2.6, 2.2, 0.4),  # both fit within 0.5 s, the length better
        (3.0, 5.2, 2.3, 3.0),
        (-1.0, 1.2, 2.2, -1.0),
        (0.04, 2.24, 2.2, 0.04),
        (1.0, 2.2, 2.2, 0.0),  # the first second is not annotated
        (1.0, 2.3, 2.2, 0.0),
    ],
)
def test_time_origin(start, end, duration, shift):
    tier = Tier("a", "interval", (Entry(start, end, "x"),), start, end)
    grid = align_to_sound(TextGrid((tier,), start, end), duration)
    assert (grid.start, grid.end) == pytest.approx((start - shift, end - shift))
    assert grid[0].entries[0][:2] == pytest.approx((start - shift, end - shift))


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (0.4, 2.4, "is time 0 the start of the sound"),
        (3.0, 7.0, r"from 3\.00 to 7\.00 s and the sound 2\.20 s: .*not of the same"),
        (0.0, 2200.0, "not of the same"),
    ],
)
def test_time_origin_that_does_not_fit(start, end, problem):
    with pytest.raises(SegmentationError, match=problem):
        align_to_sound(TextGrid((), start, end), 2.2)


def praat_tiers(path):
    """Name to (start, end, label) of each interval, by Praat itself."""
    grid = parselmouth.read(str(path))
    tiers = {}
    for tier in range(1, call(grid, "Get number of tiers") + 1):
        tiers[call(grid, "Get tier name", tier)] = [
            (
                call(grid, "Get start time of interval", tier, i),
                call(grid, "Get end time of interval", tier, i),
                call(grid, "Get label of interval", tier, i),
            )
            for i in range(1, call(grid, "Get number of intervals", tier) + 1)
        ]
    return tiers


def praatio_tiers(path):
    """Name to (start, end, label) of each interval, by praatio."""
    grid = praatio_textgrid.openTextgrid(str(path), includeEmptyIntervals=True)
    return {name: [tuple(e) for e in grid.getTier(name).entries] for name in grid.tierNames}


@pytest.mark.parametrize("read", [praat_tiers, praatio_tiers])
def test_written_tiers_are_exact(tmp_path, read):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, make_tokens(labels=('say "é"', "", "世界")))
    tiers = read(path)
    assert list(tiers) == ["words", "phrase", "word", "frame"]
    assert tiers["words"] == [(0.0, 0.3, 'say "é"'), (0.3, 0.42, ""), (0.42, 1.0, "世界")]
    assert tiers["phrase"] == [(0.0, 0.42, "1"), (0.42, 1.0, "2")]
    assert tiers["word"] == [(0.0, 0.3, "1 2"), (0.3, 0.42, "2 3"), (0.42, 1.0, "3 0")]
    assert tiers["frame"][-1] == (0.96, 1.0, "13")


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_tiers_of_the_levels(tmp_path, names):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, make_tokens(labels=("", "", ""), names=names))
    assert tuple(praat_tiers(path)) == names


def test_adjacent_pauses_are_not_merged(tmp_path):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, make_tokens(labels=("", "", "word")))
    assert [label for *_, label in praat_tiers(path)["words"]] == ["", "", "word"]


@pytest.mark.parametrize("frame_rate", [100.0, 93.75, 44100 / 512])
def test_times_are_exact_at_any_length_and_rate(tmp_path, frame_rate):
    edges = (0, 1, 2, 123_457, 360_001)
    tokens = make_tokens(edges, ("a", "b", "c", "d"), (0, 360_001), names=["phrase", "word"])
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, replace(tokens, frame_rate=frame_rate))
    for read in (praat_tiers, praatio_tiers):
        assert [end for _, end, _ in read(path)["word"]] == [e / frame_rate for e in edges[1:]]


@pytest.mark.parametrize("seconds", [0.9962, 1.0038])
def test_written_tiers_end_with_the_sound(tmp_path, seconds):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, replace(make_tokens(), sound_duration=seconds))
    grid = parselmouth.read(str(path))
    assert (grid.xmin, grid.xmax) == (0.0, seconds)
    for entries in praat_tiers(path).values():
        assert entries[-1][1] == seconds


def test_tiers_get_the_ends_of_the_textgrid():
    tier = Tier("a", "point", (Entry(0.5, 0.5, "x"),), 0.4, 1.0)
    (aligned,) = align_to_sound(TextGrid((tier,), 0.0, 2.2), 2.3)
    assert aligned == Tier("a", "point", tier.entries, 0.0, 2.2)
