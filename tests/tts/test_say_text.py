"""`prosodytok say` on the command line."""

import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from prosodytok import load, read_tokens
from prosodytok.features import extract
from prosodytok.io import write_jsonl
from prosodytok.io.manifest import read_manifest
from prosodytok.samples import sample_manifest
from prosodytok.segmentation.aligner import align
from prosodytok.tts import HibariVoice, say
from prosodytok.types.errors import ConfigError
from prosodytok.types.units import hz_to_semitones
from tests import synth
from tests.command import call

pytest.importorskip("hibari")
UTTERANCE = read_manifest(sample_manifest())[2]
#: Options for the prosody of the voice itself.
OWN = ("--f0-amount", 0, "--energy-amount", 0, "--duration-amount", 0)
TEXT, AUDIO = "He might even have been made amiable himself.", UTTERANCE.audio


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Speech with and without the prosody of a recording, and tokens of the recording."""
    folder = tmp_path_factory.mktemp("say")
    assert call("say", TEXT, *OWN, "--out", folder / "own.wav") == 0
    for seed in (1, 2):
        assert call("say", TEXT, "--seed", seed, "--out", folder / f"model{seed}.wav") == 0
    assert call("say", TEXT, "--prosody-from", AUDIO, "--out", folder / "like.wav") == 0
    assert call("tokenize", AUDIO, "--text", TEXT, "--out", folder / "tokens.jsonl") == 0
    assert call("tokenize", AUDIO, "--out", folder / "unlabelled.jsonl") == 0
    return folder


def durations(path):
    return np.array([end - start for start, end, _ in align(load(path), TEXT).words])


def contour(path, num=20):
    """F0 (semitones) at positions in each word; NaN where unvoiced."""
    audio = load(path)
    prosody, words = extract(audio), align(audio, TEXT).words
    places = np.concatenate([np.linspace(start, end, num) for start, end, _ in words])
    frames = np.minimum((places * 100).astype(int), prosody.num_frames - 1)
    return np.where(prosody.voiced, hz_to_semitones(prosody.f0, 100.0), np.nan)[frames]


def contour_distance(a, b):
    """Median distance of two contours about their medians (semitones)."""
    return np.nanmedian(np.abs((a - np.nanmedian(a)) - (b - np.nanmedian(b))))


@pytest.mark.slow
def test_it_speaks_with_its_own_prosody(folder):
    assert align(load(folder / "own.wav"), TEXT).words


def test_each_seed_of_the_language_model_gives_another_prosody(folder):
    one, other, own = (folder / f"{name}.wav" for name in ("model1", "model2", "own"))
    assert contour_distance(contour(one), contour(other)) > 0.3
    assert contour_distance(contour(one), contour(own)) > 0.3
    again = folder / "again.wav"
    assert call("say", TEXT, "--seed", 1, "--out", again) == 0
    assert again.read_bytes() == one.read_bytes()


def test_numbers_are_spoken(tmp_path):
    assert call("say", "Room 3, please.", "--out", tmp_path / "said.wav") == 0
    assert load(tmp_path / "said.wav").duration > 0.8


def test_durations_are_the_recordings(folder):
    wanted = durations(AUDIO)
    errors = [np.abs(durations(folder / f"{name}.wav") - wanted).mean() for name in ("like", "own")]
    assert errors[0] < 0.04
    assert errors[0] < errors[1]


def test_f0_is_the_recordings_in_hibaris_register(folder):
    wanted = contour(AUDIO)
    like, own = (contour(folder / f"{name}.wav") for name in ("like", "own"))
    assert contour_distance(like, wanted) < 1.0
    assert contour_distance(own, wanted) > 1.5 * contour_distance(like, wanted)
    assert abs(np.nanmedian(like) - hz_to_semitones(HibariVoice.register.f0_median_hz, 100.0)) < 2


def test_tokens_equal_the_recording(folder):
    """Nothing else of the recording is used: its tokens give the same samples."""
    out = folder / "tokens.wav"
    assert call("say", TEXT, "--tokens", folder / "tokens.jsonl", "--out", out) == 0
    assert out.read_bytes() == (folder / "like.wav").read_bytes()


def test_levels_and_amounts_change_the_speech(folder):
    tokens = ("--tokens", folder / "tokens.jsonl")
    options = {
        "phrase": ("--levels", "phrase"),
        "coarse": ("--levels", "phrase,word"),
        "none": ("--f0-amount", 0, "--energy-amount", 0, "--duration-amount", 0),
    }
    for name, option in options.items():
        assert call("say", TEXT, *tokens, *option, "--out", folder / f"{name}.wav") == 0
    sounds = {name: load(folder / f"{name}.wav") for name in (*options, "like", "own")}
    assert np.abs(sounds["none"].samples - sounds["own"].samples).max() < 0.02
    assert sounds["coarse"].duration == sounds["like"].duration
    assert np.abs(sounds["coarse"].samples - sounds["like"].samples).max() > 0.02
    assert sounds["phrase"].duration != sounds["like"].duration


def test_another_text_takes_the_phrases(folder):
    text, out = "Where are you going, my friend, and will you come back?", folder / "other.wav"
    assert call("say", text, "--prosody-from", AUDIO, "--by", "phrase", "--out", out) == 0
    assert len(align(load(out), text).words) == 11


def test_of_several_tokens_those_of_the_text_are_taken(folder, tmp_path):
    (tokens,) = read_tokens(folder / "tokens.jsonl")
    both, twice = tmp_path / "both.jsonl", tmp_path / "twice.jsonl"
    write_jsonl(both, [*read_tokens(folder / "unlabelled.jsonl"), tokens])
    write_jsonl(twice, [tokens, tokens])
    assert call("say", TEXT, "--tokens", both, "--out", tmp_path / "o.wav") == 0
    assert (tmp_path / "o.wav").read_bytes() == (folder / "like.wav").read_bytes()
    assert call("say", TEXT, "--tokens", twice, "--out", tmp_path / "p.wav") == 1


def error_of(capfd, *args):
    code = call("say", *args)
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return code, err


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "nothing in the text"), ("?!", "nothing in the text"), ("so " * 300, "full stops")],
)
def test_text_that_cannot_be_spoken(capfd, tmp_path, text, reason):
    code, err = error_of(capfd, text, "--out", tmp_path / "o.wav")
    assert code == 1
    assert reason in err
    assert not list(tmp_path.iterdir())


def test_recordings_that_cannot_be_used(capfd, tmp_path):
    silent = synth.write(synth.silence(), tmp_path / "silent.wav")
    notes = tmp_path / "notes.wav"
    notes.write_text("not a sound")
    out = ("--out", tmp_path / "o.wav")
    for path, reason in ((silent, "nothing is voiced"), (notes, "not a sound file")):
        code, err = error_of(capfd, TEXT, "--prosody-from", path, *out)
        assert code == 1
        assert reason in err
        assert path.name in err
    code, err = error_of(capfd, "Yes.", "--prosody-from", AUDIO, *out)
    assert code == 1
    assert "--by phrase" in err


def test_tokens_that_do_not_fit(capfd, folder, tmp_path):
    out = ("--out", tmp_path / "o.wav")
    code, err = error_of(capfd, TEXT, "--tokens", folder / "unlabelled.jsonl", *out)
    assert (code, "have no word labels" in err) == (1, True)
    code, err = error_of(capfd, "Another text.", "--tokens", folder / "tokens.jsonl", *out)
    assert (code, "--by phrase" in err) == (1, True)


def test_calls_that_are_wrong(capfd, folder, tmp_path):
    out = ("--out", tmp_path / "o.wav")
    tokens = ("--tokens", folder / "tokens.jsonl")
    for args, reason in (
        (("--prosody-from", AUDIO, *tokens), "leave out --tokens"),
        ((*tokens, "--f0-amount", -1), "choose 0 to 3"),
        ((*tokens, "--levels", "melody"), "choose from"),
    ):
        code, err = error_of(capfd, TEXT, *args, *out)
        assert code == 2
        assert reason in err


def test_without_the_extra(capfd, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "hibari", None)
    code, err = error_of(capfd, TEXT, "--out", tmp_path / "o.wav")
    assert code == 2
    assert "prosodytok[tts]" in err


def test_the_granularity_is_checked():
    with pytest.raises(ConfigError, match="choose word or phrase"):
        say(Mock(), TEXT, Mock(), by="letter")
