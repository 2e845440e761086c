"""The FastSpeech 2 layout: a value a word, and nothing by halves."""

import numpy as np
import pytest

from prosodytok.errors import ProsodytokError, TokenError
from prosodytok.features import Register
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Segmentation
from prosodytok.tokens import ProsodyTokens, TokenLevel
from prosodytok.tts import export_fastspeech2

WORDS = Segmentation([0, 2, 4, 10], ("good", "", "New York"))
PROSODY = Prosody(
    f0=[100, 300, 200, 210, 120, 120, 120, 120, 900, 900],
    voiced=[1, 1, 0, 0, 1, 1, 1, 1, 0, 0],
    energy=[-20, -10, -60, -60, -5, -5, -5, -5, -5, -11],
)


def tokens(id="a", words=WORDS, name="word"):
    level = TokenLevel(name, [[0] * len(words)], (4,), words)
    return ProsodyTokens((level,), Register(), words.num_frames, id=id)


def exported(folder, id="a"):
    return {k: np.load(folder / k / f"{id}.npy") for k in ("pitch", "energy", "duration")}


def test_one_value_a_word(tmp_path):
    export_fastspeech2(tokens(), PROSODY, tmp_path)
    arrays = exported(tmp_path)
    np.testing.assert_allclose(arrays["pitch"], [200, 205, 120])
    np.testing.assert_allclose(arrays["energy"], [-15, -60, -6])
    np.testing.assert_array_equal(arrays["duration"], [2, 2, 6])
    assert arrays["duration"].sum() == PROSODY.num_frames
    assert [a.dtype.name for a in arrays.values()] == ["float32", "float32", "int64"]


def test_metadata_has_a_line_an_utterance_and_an_item_a_word(tmp_path):
    for id in ("a", "b", "a"):
        export_fastspeech2(tokens(id), PROSODY, tmp_path)
    lines = (tmp_path / "metadata.txt").read_text(encoding="utf-8").splitlines()
    assert lines == ["a|good sp New_York", "b|good sp New_York"]


def test_an_utterance_is_replaced(tmp_path):
    export_fastspeech2(tokens(), PROSODY, tmp_path)
    export_fastspeech2(tokens(words=Segmentation([0, 10], ("so|so",))), PROSODY, tmp_path)
    assert exported(tmp_path)["duration"] == [10]
    assert (tmp_path / "metadata.txt").read_text(encoding="utf-8") == "a|so_so\n"
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("id", ["", "../a", "a/b", "a|b", "a\nb"])
def test_an_id_that_is_no_file_name_is_refused(id, tmp_path):
    with pytest.raises(TokenError, match="id"):
        export_fastspeech2(tokens(id), PROSODY, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_words_are_needed(tmp_path):
    with pytest.raises(TokenError, match="no level 'word'"):
        export_fastspeech2(tokens(name="phrase"), PROSODY, tmp_path)


def test_lengths_must_agree(tmp_path):
    with pytest.raises(ProsodytokError, match="8 frames and the prosody 10"):
        export_fastspeech2(tokens(words=Segmentation([0, 8], ("a",))), PROSODY, tmp_path)
