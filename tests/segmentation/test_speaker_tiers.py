"""Turns of speakers, and their words, in TextGrids."""

from __future__ import annotations

from pathlib import Path

import pytest

from prosodytok.io.rttm import Turn
from prosodytok.io.textgrid import Entry, TextGrid, Tier
from prosodytok.segmentation.speaker_tiers import turns_from_tiers
from prosodytok.segmentation.textgrid_part import TextGridPart, cut_textgrid
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.types.errors import SegmentationError


def tier(name: str, *entries: tuple[float, float, str]) -> Tier:
    kind = "interval" if all(start < end for start, end, _ in entries) else "point"
    return Tier(name, kind, tuple(Entry(*entry) for entry in entries), 0.0, 4.0)


SPEAKERS = tier("Speakers", (0, 1, "Ann"), (1, 2, "sil"), (2, 4, " Ben "))
ANN = tier("Ann - words", (0, 0.4, "oh"), (0.4, 0.7, ""), (0.7, 1, "no"), (3, 3.5, "yes"))
BEN = tier("Ben - words", (2.2, 3.0, "never"))
PHONES = tier("Ann - phones", (0, 0.4, "ow"))
POINTS = tier("turns", (1, 1, "Ann"))


@pytest.mark.parametrize(
    ("tiers", "name", "expected"),
    [
        ([ANN, SPEAKERS, POINTS], None, [Turn(0, 1, "Ann"), Turn(2, 4, "Ben")]),
        ([ANN, SPEAKERS], "2", [Turn(0, 1, "Ann"), Turn(2, 4, "Ben")]),
        ([ANN, PHONES, BEN], None, [Turn(0, 1, "Ann"), Turn(3, 3.5, "Ann"), Turn(2.2, 3, "Ben")]),
        ([tier("A B", (0, 1, "a word")), POINTS], "*", [Turn(0, 1, "A B")]),
    ],
)
def test_turns(tiers: list[Tier], name: str | None, expected: list[Turn]) -> None:
    assert turns_from_tiers(tiers, name) == expected


def test_further_labels_of_silence() -> None:
    assert turns_from_tiers([SPEAKERS], None, ["ben"]) == [Turn(0, 1, "Ann")]


@pytest.mark.parametrize(
    ("tiers", "name", "problem"),
    [
        ([PHONES], None, "no turn of a speaker"),
        ([SPEAKERS, tier("turn", (0, 1, "x"))], None, "could all have"),
        ([POINTS], "turns", "has points"),
        ([SPEAKERS], "who", "no tier is called 'who'"),
        ([], "*", "no turn"),
    ],
)
def test_no_turns(tiers: list[Tier], name: str | None, problem: str) -> None:
    with pytest.raises(SegmentationError, match=problem):
        turns_from_tiers(tiers, name)


def test_entries_belong_to_the_part_with_their_middle() -> None:
    grid = TextGrid((ANN, POINTS), 0.0, 4.0)
    words, points = cut_textgrid(grid, 0.1, 0.9)
    assert words.entries == ((0.0, 0.30000000000000004, "oh"), (0.30000000000000004, 0.6, ""),
                             (0.6, 0.8, "no"))  # fmt: skip
    assert points.entries == ()
    assert (words.start, words.end) == (0.0, pytest.approx(0.8))


def test_words_of_the_speaker_of_a_turn(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n0 4 <exists> 2\n'
        '"IntervalTier" "Ann - words" 0 4 3 0 1 "" 1 2 "oh" 2 4 ""\n'
        '"IntervalTier" "Ben - words" 0 4 3 0 1.5 "" 1.5 1.9 "no" 1.9 4 "well"\n'
    )
    labels = [
        hierarchy_from_textgrid(path, 150, part=TextGridPart(0.8, 2.3, 4.0, speaker)).words.labels
        for speaker in ("Ann", "ben")
    ]
    assert labels == [("", "oh", ""), ("", "no", "")]
    with pytest.raises(SegmentationError, match="could all be the words"):
        hierarchy_from_textgrid(path, 150, part=TextGridPart(0.8, 2.3, 4.0, "Cy"))
    with pytest.raises(SegmentationError, match="not of the same recording"):
        hierarchy_from_textgrid(path, 150, part=TextGridPart(0.8, 2.3, 9.0, "Ann"))
