"""FastSpeech 2 layout: one value per phone or word, and the statistics of all."""

import json

import numpy as np
import pytest
import torch

from prosodytok.io import write_textgrid
from prosodytok.tts import PhoneFolder, fastspeech2_utterance, write_fastpitch, write_fastspeech2
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ConfigError, ProsodytokError, SegmentationError, TokenError
from prosodytok.types.prosody import Prosody

WORDS = Segmentation([0, 2, 4, 10], ("good", "", "New York"))
PHONES = Segmentation([0, 1, 2, 4, 8, 10], ("G", "UH1", "", "N", ""))
PROSODY = Prosody(
    f0=[100, 300, 200, 210, 120, 120, 120, 120, 900, 900],
    voiced=[1, 1, 0, 0, 1, 1, 1, 1, 0, 0],
    energy=[-20, -10, -60, -60, -5, -5, -5, -5, -5, -11],
)


def tokens(id="a", words=WORDS, name="word"):
    level = TokenLevel(name, [[0] * len(words)], (4,), words)
    return ProsodyTokens((level,), Register(), words.num_frames, id=id)


def utterance(id="a", speaker="jane", phones=None, prosody=PROSODY):
    return fastspeech2_utterance(tokens(id), prosody, phones, speaker=speaker, mel_rate=100)


def test_one_value_a_word():
    made = utterance()
    np.testing.assert_allclose(made.pitch, [200, 205, 120])
    np.testing.assert_allclose(made.energy, [-15, -60, -6])
    np.testing.assert_array_equal(made.duration, [2, 2, 6])
    assert made.symbols == ("good", "sp", "New_York")
    assert made.text == "good New York"


def test_one_value_a_phone_and_no_pause_at_the_ends():
    made = utterance(phones=PHONES)
    np.testing.assert_allclose(made.pitch, [100, 300, 205, 120])
    np.testing.assert_allclose(made.energy, [-20, -10, -60, -5])
    np.testing.assert_array_equal(made.duration, [1, 1, 2, 4])
    assert made.symbols == ("G", "UH1", "sp", "N")
    assert made.text == "good New York"


def test_durations_are_differences_of_rounded_mel_frames():
    made = fastspeech2_utterance(tokens(), PROSODY, PHONES)
    edges = np.floor(np.array([0, 1, 2, 4, 8]) / 100 * 22050 / 256 + 0.5)
    np.testing.assert_array_equal(made.duration, np.diff(edges))


def test_words_without_labels_all_count():
    words = Segmentation.unlabelled([0, 2, 10])
    made = fastspeech2_utterance(tokens(words=words), PROSODY, mel_rate=100)
    assert made.symbols == ("sp", "sp")
    assert made.text == ""


def test_files_of_the_layout(tmp_path):
    made = [utterance("a"), utterance("b", "anne", PHONES), utterance("c")]
    write_fastspeech2(made, tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    named = {
        f"{kind}/{u.speaker}-{kind}-{u.id}.npy"
        for u in made
        for kind in ("pitch", "energy", "duration")
    }
    assert files == named | {"stats.json", "speakers.json", "train.txt", "val.txt"}
    assert json.loads((tmp_path / "speakers.json").read_text()) == {"anne": 0, "jane": 1}
    assert (tmp_path / "train.txt").read_text().splitlines() == [
        "a|jane|{good sp New_York}|good New York",
        "b|anne|{G UH1 sp N}|good New York",
        "c|jane|{good sp New_York}|good New York",
    ]
    assert np.load(tmp_path / "duration/anne-duration-b.npy").tolist() == [1, 1, 2, 4]


@pytest.mark.parametrize("write", [write_fastspeech2, write_fastpitch])
def test_every_twentieth_utterance_is_for_validation(write, tmp_path):
    write([utterance(f"u{number:02}") for number in range(45)], tmp_path)
    train, val = ((tmp_path / f"{x}.txt").read_text().splitlines() for x in ("train", "val"))
    assert (len(train), len(val)) == (43, 2)
    assert not set(train) & set(val)


def test_files_of_fastpitch(tmp_path):
    made = [utterance("a"), utterance("b", phones=PHONES)]
    write_fastpitch(made, tmp_path)
    assert (tmp_path / "train.txt").read_text().splitlines() == [
        "mels/a.pt|durations/a.pt|pitch_char/a.pt|{good sp New_York}",
        "mels/b.pt|durations/b.pt|pitch_char/b.pt|{G UH1 sp N}",
    ]
    stats = json.loads((tmp_path / "stats.json").read_text())
    for u in made:
        kept = {
            kind: torch.load(tmp_path / kind / f"{u.id}.pt", weights_only=True).numpy()
            for kind in ("durations", "pitch_char", "energy_char")
        }
        np.testing.assert_array_equal(kept["durations"], u.duration)
        pitch = kept["pitch_char"] * stats["std"] + stats["mean"]
        energy = kept["energy_char"] * stats["energy_std"] + stats["energy_mean"]
        np.testing.assert_allclose(pitch, u.pitch, rtol=1e-5)
        np.testing.assert_allclose(energy, u.energy, rtol=1e-5)


def test_fastpitch_files_are_named_by_id_alone(tmp_path):
    with pytest.raises(TokenError, match="same id"):
        write_fastpitch([utterance("a", "jane"), utterance("a", "anne")], tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["pitch", "energy"])
def test_statistics_take_the_normalisation_back(kind, tmp_path):
    made = [utterance("a"), utterance("b", phones=PHONES)]
    write_fastspeech2(made, tmp_path)
    low, high, mean, std = json.loads((tmp_path / "stats.json").read_text())[kind]
    arrays = [np.load(tmp_path / f"{kind}/jane-{kind}-{u.id}.npy") for u in made]
    assert low == min(map(np.min, arrays))
    assert high == max(map(np.max, arrays))
    for array, u in zip(arrays, made, strict=True):
        np.testing.assert_allclose(array * std + mean, getattr(u, kind))


def test_outliers_do_not_count_in_the_mean(tmp_path):
    prosody = Prosody(f0=[100] * 9 + [400], voiced=[1] * 10, energy=[-20.0] * 10)
    grid = Segmentation(np.arange(11), ("AA",) * 10)
    write_fastspeech2([utterance(phones=grid, prosody=prosody)], tmp_path)
    assert json.loads((tmp_path / "stats.json").read_text())["pitch"] == [0, 300, 100, 1]


@pytest.mark.parametrize("id", ["", "../a", "a/b", "a|b", "a\nb"])
def test_a_name_that_is_no_file_name_is_refused(id):
    with pytest.raises(TokenError, match="cannot name a file"):
        utterance(id)
    with pytest.raises(TokenError, match="cannot name a file"):
        utterance(speaker=id)


def test_words_are_needed():
    with pytest.raises(TokenError, match="no level 'word'"):
        fastspeech2_utterance(tokens(name="phrase"), PROSODY)


def test_only_pauses_are_refused(tmp_path):
    with pytest.raises(TokenError, match="a: only pauses"):
        utterance(phones=Segmentation([0, 10], (" ",)))
    for write in (write_fastspeech2, write_fastpitch):
        with pytest.raises(TokenError, match="no utterance to write"):
            write([], tmp_path)


def test_lengths_must_agree():
    with pytest.raises(ProsodytokError, match="have 8, 10 and 8 frames"):
        fastspeech2_utterance(tokens(words=Segmentation([0, 8], ("a",))), PROSODY)
    with pytest.raises(ProsodytokError, match="have 10, 10 and 9 frames"):
        utterance(phones=Segmentation([0, 9], ("a",)))


def test_a_folder_of_phones(tmp_path):
    words = Segmentation([0, 100, 200], ("AY", "T"))
    for name in ("a", "jane/b", "jane/c", "anne/c"):
        made = tokens(words=words)
        write_textgrid(tmp_path / f"{name}.TextGrid", made)
        file = tmp_path / f"{name}.TextGrid"
        file.write_text(file.read_text().replace('"words"', '"b - phones"'))
    folder = PhoneFolder(tmp_path)
    assert folder.speaker(tokens("a", words)) is None
    assert folder.speaker(tokens("b", words)) == "jane"
    assert folder.phones(tokens("b", words)).labels == ("AY", "T")
    with pytest.raises(SegmentationError, match=r"2 files are called c\.TextGrid"):
        folder.phones(tokens("c", words))
    with pytest.raises(SegmentationError, match=r"a\.TextGrid: .* not of the same recording"):
        folder.phones(tokens("a", Segmentation([0, 900], ("x",))))
    with pytest.raises(ConfigError, match="no folder with"):
        PhoneFolder(tmp_path / "none")


def test_fastspeech2_files_are_named_by_speaker_and_id(tmp_path):
    write_fastspeech2([utterance(), utterance(speaker="joe")], tmp_path)
    with pytest.raises(TokenError, match="same id"):
        write_fastspeech2([utterance(), utterance()], tmp_path)
