"""The TextGrid of each sound in a folder."""

import pytest

from prosodytok.io.textgrid_folder import TextGridFolder
from prosodytok.types.errors import ConfigError, SegmentationError


@pytest.fixture
def find(tmp_path):
    """Names of the TextGrids in a folder that sounds get, or the errors; sounds have unique ids."""

    def run(grids, *sounds):
        folder = tmp_path / "grids"
        for name in grids:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        pairs = [(tmp_path / "corpus" / sound, id) for sound, id in sounds]
        found = TextGridFolder(folder).find_all(pairs)
        return [str(p) if isinstance(p, Exception) else str(p.relative_to(folder)) for p in found]

    return run


ANN, BOB = ("ann/001.wav", "001"), ("bob/001.wav", "001_2")


def test_folders_of_speakers(find):
    grids = ["ann/001.TextGrid", "bob/001.TextGrid"]
    assert find(grids, BOB, ANN) == ["bob/001.TextGrid", "ann/001.TextGrid"]


def test_the_longest_common_path(find):
    grids = ["a/ann/001.TextGrid", "b/ann/001.TextGrid"]
    sounds = [("b/ann/001.wav", "001"), ("a/ann/001.wav", "001_2")]
    assert find(grids, *sounds) == ["b/ann/001.TextGrid", "a/ann/001.TextGrid"]


def test_ids_at_the_top(find):
    assert find(["001.TextGrid", "001_2.TextGrid"], ANN, BOB) == ["001.TextGrid", "001_2.TextGrid"]


def test_suffixes_and_accents(find):
    grids = ["ann/cafe\u0301.textgrid", "x.TEXTGRID"]
    sounds = [("ann/caf\u00e9.wav", "caf\u00e9"), ("ann/x.flac", "x")]
    assert find(grids, *sounds) == grids


def test_a_folder_with_the_name_of_an_outer_one(find):
    """As in LJSpeech: LJSpeech/wavs/1.wav and LJSpeech/1.TextGrid."""
    assert find(["LJ/1.TextGrid"], ("LJ/wavs/1.wav", "1")) == ["LJ/1.TextGrid"]


def test_one_textgrid_for_two_speakers(find):
    one, two = find(["001.TextGrid"], ANN, BOB)
    assert "ann/001.wav: ambiguous" in one
    assert "bob/001.wav: ambiguous" in two
    assert "grids/bob/001.TextGrid" in two


def test_the_textgrid_of_another_speaker(find):
    one, two = find(["ann/001.TextGrid"], ANN, BOB)
    assert one == "ann/001.TextGrid"
    assert "bob/001.wav: no TextGrid of it" in two
    (alone,) = find([], BOB)
    assert alone == two


def test_two_textgrids_of_one_sound(find):
    (error,) = find(["ann/001.TextGrid", "ann/001.textgrid"], ANN)
    assert "several TextGrids" in error


def test_beside_the_sounds(tmp_path):
    for speaker in ("ann", "bob"):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / "001.TextGrid").touch()
    folder = TextGridFolder(tmp_path)
    assert folder.find(tmp_path / "bob" / "001.wav", "001_2") == tmp_path / "bob/001.TextGrid"
    with pytest.raises(SegmentationError, match=r"bob/002\.wav: no TextGrid"):
        folder.find(tmp_path / "bob" / "002.wav", "002")


def test_no_textgrid(tmp_path):
    with pytest.raises(ConfigError, match="no folder with"):
        TextGridFolder(tmp_path)
