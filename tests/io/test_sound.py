"""Reading, writing and rejecting sound files."""

import tracemalloc

import numpy as np
import pytest
import soundfile as sf

from prosodytok.io.sound import load
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.errors import AudioError
from tests import synth

TONE = synth.harmonics(synth.constant(200), seconds=0.5)


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-6),
        ("a.wav", "FLOAT", 0.0),
        ("a.wav", "DOUBLE", 0.0),
        ("a.flac", "PCM_16", 1e-4),
        ("a.aiff", "PCM_16", 1e-4),
    ],
)
def test_lossless_formats_read_as_written(tmp_path, name, subtype, tolerance):
    audio = load(synth.write(TONE, tmp_path / name, subtype))
    assert audio.sample_rate == SAMPLE_RATE
    np.testing.assert_allclose(audio.samples, TONE.samples, atol=tolerance)


@pytest.mark.parametrize("name", ["a.opus", "a.ogg", "a.mp3"])
def test_lossy_formats_keep_length_and_level(tmp_path, name):
    audio = load(synth.write(TONE, tmp_path / name))
    assert audio.duration == pytest.approx(TONE.duration, abs=0.1)
    assert rms(audio.samples) == pytest.approx(rms(TONE.samples), rel=0.1)


@pytest.mark.parametrize("sample_rate", [8000, 11_025, 22_050, 44_100, 48_000])
def test_any_rate_is_resampled_to_16_khz(tmp_path, sample_rate):
    tone = synth.harmonics(synth.constant(200), 0.5, sample_rate)
    audio = load(synth.write(tone, tmp_path / "a.wav", "FLOAT"))
    assert audio.sample_rate == SAMPLE_RATE
    assert audio.samples.size == pytest.approx(SAMPLE_RATE // 2, abs=1)
    assert rms(audio.samples) == pytest.approx(rms(tone.samples), rel=0.01)


def test_long_files_are_read_in_blocks_without_seams(tmp_path, monkeypatch):
    tone = synth.harmonics(synth.constant(200), 0.5, 44_100)
    path = synth.write(tone, tmp_path / "a.wav", "FLOAT")
    whole = Audio.from_array(tone.samples, 44_100)
    monkeypatch.setattr("prosodytok.io.sound_file.BLOCK_SAMPLES", 1000)
    inner = slice(200, -200)  # the ends depend on the mean of the first block
    np.testing.assert_allclose(load(path).samples[inner], whole.samples[inner], atol=1e-5)


def test_a_long_sound_is_in_memory_once(tmp_path, monkeypatch):
    monkeypatch.setattr("prosodytok.io.sound_file.BLOCK_SAMPLES", 10_000)
    path = synth.write(synth.noise(60.0, 22_050), tmp_path / "a.wav")
    load(path)  # imports
    tracemalloc.start()
    audio = load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.4 * audio.samples.nbytes


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([TONE.samples, np.zeros_like(TONE.samples)], axis=1)
    sf.write(tmp_path / "a.wav", stereo, SAMPLE_RATE, subtype="FLOAT")
    for audio in (load(tmp_path / "a.wav"), Audio.from_array(stereo, SAMPLE_RATE)):
        np.testing.assert_allclose(audio.samples, TONE.samples / 2)
        assert audio.warnings == ("of 2 channels these are silent: 2",)


def test_channels_that_cancel_at_the_end_of_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("prosodytok.io.sound_file.BLOCK_SAMPLES", 1000)
    x = TONE.samples
    stereo = np.stack([np.tile(x, 4), np.concatenate([0 * x, -x, -x, -x])], axis=1)
    sf.write(tmp_path / "a.wav", stereo, SAMPLE_RATE, subtype="FLOAT")
    audio = load(tmp_path / "a.wav")
    np.testing.assert_array_equal(audio.samples, np.tile(x, 4))
    assert audio.warnings == ("the channels cancel each other: channel 1 is used",)


def test_100_ms_are_enough(tmp_path):
    short = synth.noise(0.1)
    assert load(synth.write(short, tmp_path / "a.wav")).duration == pytest.approx(0.1)


def test_float_over_full_scale_is_kept(tmp_path):
    loud = Audio(4 * TONE.samples, SAMPLE_RATE)
    assert np.abs(load(synth.write(loud, tmp_path / "a.wav", "FLOAT")).samples).max() > 1


def test_text_named_wav(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("text")
    with pytest.raises(AudioError, match=r"a\.wav: not a sound file"):
        load(path)


def test_headerless_samples(tmp_path):
    path = tmp_path / "a.raw"
    path.write_bytes(bytes(1000))
    with pytest.raises(AudioError, match="not a sound file"):
        load(path)


def test_missing_file(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        load(tmp_path / "a.wav")


def test_empty_file(tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(AudioError, match=r"a\.wav"):
        load(tmp_path / "a.wav")


def test_file_without_samples(tmp_path):
    sf.write(tmp_path / "a.wav", np.zeros(0), SAMPLE_RATE)
    with pytest.raises(AudioError, match="empty"):
        load(tmp_path / "a.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinite_samples(tmp_path, bad):
    samples = np.full(44_100, 0.1, dtype=np.float32)
    samples[100:110] = bad
    sf.write(tmp_path / "a.wav", samples, 44_100, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav: 10 samples are NaN or infinite"):
        load(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("samples", "sample_rate", "message"),
    [
        ([], 16_000, "empty"),
        ([[0.0, 0.0]], 16_000, "mono"),
        ([0.0], 0, "sample_rate"),
        ([np.nan, 0.0], 16_000, "1 samples"),
    ],
)
def test_audio_refuses(samples, sample_rate, message):
    with pytest.raises(AudioError, match=message):
        Audio(np.array(samples), sample_rate)


def test_write_and_load(tmp_path):
    TONE.write(tmp_path / "a.wav")
    np.testing.assert_allclose(load(tmp_path / "a.wav").samples, TONE.samples, atol=1e-4)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3"])
def test_written_files_can_be_loaded(tmp_path, suffix) -> None:
    audio = synth.harmonics(synth.constant(200), 1.0)
    audio.write(tmp_path / f"a{suffix}")
    again = load(tmp_path / f"a{suffix}")
    assert again.duration == pytest.approx(1.0, abs=0.1)
    assert rms(again.samples) == pytest.approx(rms(audio.samples), rel=0.1)


def test_an_unknown_suffix_is_not_written(tmp_path) -> None:
    with pytest.raises(AudioError, match=r"ends in \.wav"):
        Audio(np.zeros(160, dtype=np.float32), 16_000).to_bytes(".aiff")
    with pytest.raises(AudioError, match=r"ends in \.wav"):
        synth.harmonics(synth.constant(200)).write(tmp_path / "a.doc")
    assert not list(tmp_path.iterdir())


def test_a_rate_that_a_format_does_not_support(tmp_path) -> None:
    with pytest.raises(AudioError, match="cannot be written"):
        synth.harmonics(synth.constant(200), sample_rate=22050).write(tmp_path / "a.opus")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sample_rate", [16000, 44100])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_part_of_a_recording(tmp_path, sample_rate, suffix) -> None:
    """The cut is at a zero of all harmonics, so that resampling adds no edge effect."""
    whole = synth.join(synth.silence(0.3), TONE, synth.silence(0.3), TONE)
    path = tmp_path / f"long{suffix}"
    sf.write(path, whole.resample(sample_rate).samples, sample_rate)
    part = load(path, 0.2, 0.7)
    assert part.samples.size == pytest.approx(0.7 * SAMPLE_RATE, abs=1)
    expected = load(path).samples[3200 : 3200 + part.samples.size]
    np.testing.assert_allclose(part.samples, expected, atol=5e-3)
    assert load(path, 1.0).duration == pytest.approx(0.6, abs=1e-3)


def test_a_part_beyond_the_end_is_an_error(tmp_path) -> None:
    TONE.write(tmp_path / "a.wav")
    assert load(tmp_path / "a.wav", 0.1, 0.405).duration == pytest.approx(0.4)  # 5 ms missing
    for offset, duration in ((0.3, 0.3), (0.6, None), (0.5, 0.1)):
        with pytest.raises(AudioError, match=r"a\.wav: it ends at 0\.50 s"):
            load(tmp_path / "a.wav", offset, duration)


@pytest.mark.parametrize(
    ("offset", "duration"), [(np.nan, None), (-1, None), (0, -1), (0, np.inf), (1e305, 1.0), (0, 0)]
)
def test_an_impossible_part_is_an_error(tmp_path, offset, duration) -> None:
    TONE.write(tmp_path / "a.wav")
    with pytest.raises(AudioError, match=r"a\.wav: no part of a sound"):
        load(tmp_path / "a.wav", offset, duration)


def test_integers_in_a_float_file_are_a_warning(tmp_path):
    loud = Audio(TONE.samples * 32768, SAMPLE_RATE)
    assert "16-bit" in load(synth.write(loud, tmp_path / "a.wav", "FLOAT")).warnings[0]
