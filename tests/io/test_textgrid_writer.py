"""TextGrids as Praat and praatio read them back."""

from dataclasses import replace

import parselmouth
import pytest
from parselmouth.praat import call
from praatio import textgrid as praatio_textgrid

from prosodytok.io import write_textgrid
from tests.sequences.strategies import SUBSETS, make_tokens


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
    grid = praatio_textgrid.openTextgrid(str(path), includeEmptyIntervals=True)
    return {name: [tuple(e) for e in grid.getTier(name).entries] for name in grid.tierNames}


@pytest.mark.parametrize("read", [praat_tiers, praatio_tiers])
def test_tiers_read_back_exactly(tmp_path, read):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, make_tokens(labels=('say "é"', "", "世界")))
    tiers = read(path)
    assert list(tiers) == ["words", "phrase", "word", "frame"]
    assert tiers["words"] == [(0.0, 0.3, 'say "é"'), (0.3, 0.42, ""), (0.42, 1.0, "世界")]
    assert tiers["phrase"] == [(0.0, 0.42, "1"), (0.42, 1.0, "2")]
    assert tiers["word"] == [(0.0, 0.3, "1 2"), (0.3, 0.42, "2 3"), (0.42, 1.0, "3 0")]
    assert tiers["frame"][-1] == (0.96, 1.0, "13")


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_only_the_levels_there_are(tmp_path, names):
    path = tmp_path / "t.TextGrid"
    write_textgrid(path, make_tokens(labels=("", "", ""), names=names))
    assert tuple(praat_tiers(path)) == names


def test_pauses_side_by_side_stay_apart(tmp_path):
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
