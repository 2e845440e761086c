"""Opening of sound files by their content, and of what is no file."""

import os
import threading

import numpy as np
import pytest
import soundfile as sf

from prosodytok.io.sound import load
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.errors import AudioError
from tests import synth
from tests.io.test_sound import TONE, rms


@pytest.mark.parametrize(
    ("container", "subtype", "suffix"),
    [
        ("WAV", "FLOAT", "mp3"),
        ("WAV", "PCM_16", "flac"),
        ("FLAC", "PCM_16", "wav"),
        ("MP3", "MPEG_LAYER_III", "wav"),
        ("AU", "PCM_16", "txt"),
        ("WAV", "GSM610", "wav"),
        ("WAV", "IMA_ADPCM", "wav"),
        ("WAV", "MS_ADPCM", "wav"),
        ("WAV", "ALAW", "wav"),
        ("WAVEX", "PCM_24", "wav"),
        ("W64", "PCM_16", "w64"),
        ("CAF", "PCM_16", "caf"),
        ("NIST", "PCM_16", "wav"),
        ("NIST", "ULAW", "sph"),
        ("AIFF", "ULAW", "aifc"),
        ("VOC", "PCM_16", "voc"),
    ],
)
def test_the_content_selects_the_format(tmp_path, container, subtype, suffix):
    path = tmp_path / f"a.{suffix}"
    sf.write(path, TONE.samples, SAMPLE_RATE, format=container, subtype=subtype)
    audio = load(path)
    assert audio.duration == pytest.approx(TONE.duration, abs=0.07)  # whole blocks of a codec
    assert rms(audio.samples) == pytest.approx(rms(TONE.samples), rel=0.1)
    assert audio.warnings == ()
    part = load(path, 0.2, 0.2)
    np.testing.assert_allclose(part.samples, audio.samples[3200:6400], atol=1e-3)


@pytest.mark.parametrize("name", ["a.au", "a.snd", "a.vox", "a.gsm", "a.raw", "a.mp3", "a"])
def test_text_under_any_name(tmp_path, name):
    (tmp_path / name).write_text("text " * 1000)
    with pytest.raises(AudioError, match=f"{name}: not a sound file"):
        load(tmp_path / name)


def test_a_name_that_is_not_unicode(tmp_path):
    path = tmp_path / "Stra\udcdfe.wav"
    os.rename(synth.write(TONE, tmp_path / "a.wav"), path)  # noqa: PTH104
    assert load(path).duration == TONE.duration


def test_a_pipe(tmp_path):
    path = synth.write(TONE, tmp_path / "a.wav")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(path.read_bytes()))
    writer.start()
    np.testing.assert_array_equal(load(tmp_path / "pipe").samples, load(path).samples)
    writer.join()


def test_what_is_no_file(tmp_path):
    (tmp_path / "link.wav").symlink_to("gone.wav")
    for path, message in (
        (tmp_path, "a folder"),
        ("/dev/zero", "a device"),
        (tmp_path / "link.wav", "a link to gone.wav, which does not exist"),
    ):
        with pytest.raises(AudioError, match=message):
            load(path)


def test_too_much_from_a_pipe(tmp_path, monkeypatch):
    monkeypatch.setattr("prosodytok.io.sound_file.MAX_PIPE_BYTES", 1000)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(bytes(2000)))
    writer.start()
    with pytest.raises(AudioError, match="more than 1000 bytes"):
        load(tmp_path / "pipe")
    writer.join()
