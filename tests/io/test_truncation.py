"""Sound files whose header promises another length than they have."""

import struct

import numpy as np
import pytest
import soundfile as sf

from prosodytok.io.sound import load
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.errors import AudioError
from tests import synth

TONE = synth.harmonics(synth.constant(200), seconds=0.5)


@pytest.mark.parametrize("fraction", [0.99, 0.5, 0.1])
@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "opus", "ogg", "mp3"])
def test_truncated_files(tmp_path, suffix, fraction):
    path = synth.write(synth.noise(3.0), tmp_path / f"a.{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(AudioError, match=rf"a\.{suffix}"):
        load(path)


def test_truncated_rf64(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, TONE.samples, SAMPLE_RATE, format="RF64", subtype="PCM_16")
    assert load(path).duration == TONE.duration
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(AudioError, match="truncated"):
        load(path)


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF])
def test_wav_written_to_a_pipe_is_whole(tmp_path, length):
    path = synth.write(TONE, tmp_path / "a.wav")
    content = bytearray(path.read_bytes())
    data = content.index(b"data")
    content[4:8] = content[data + 4 : data + 8] = struct.pack("<I", length)
    path.write_bytes(content)
    assert load(path).duration == pytest.approx(TONE.duration)


def test_wav_whose_header_counts_itself_is_whole(tmp_path):
    """Some programs write the file length where the remaining length belongs."""
    path = synth.write(TONE, tmp_path / "a.wav")
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", len(content))
    path.write_bytes(content)
    assert load(path).duration == TONE.duration


def test_chunks_before_the_samples_are_skipped(tmp_path):
    path = synth.write(TONE, tmp_path / "a.wav")
    content = path.read_bytes()
    note = b"note" + struct.pack("<I", 3) + b"abc\0"
    path.write_bytes(content[:36] + note + content[36:])
    assert load(path).duration == TONE.duration


#: Containers with a length: what is before the field, its format, and what it counts besides.
LENGTHS = {
    "wav": ("WAV", b"data", "<I", 0),
    "aiff": ("AIFF", b"SSND", ">I", 8),
    "au": ("AU", b".snd\0\0\0\x18", ">I", 0),
    "w64": ("W64", bytes.fromhex("64617461f3acd3118cd100c04f8edb8a"), "<Q", 24),
    "caf": ("CAF", b"data", ">q", 4),
}


def with_length(tmp_path, suffix, change):
    """Write a file whose header promises another length (bytes) than that of its samples."""
    container, before, form, extra = LENGTHS[suffix]
    path = tmp_path / f"a.{suffix}"
    sf.write(path, TONE.samples, SAMPLE_RATE, format=container, subtype="PCM_16")
    content, length = bytearray(path.read_bytes()), TONE.samples.size * 2
    at, size = content.index(before) + len(before), struct.calcsize(form)
    assert struct.unpack(form, content[at : at + size]) == (length + extra,)
    content[at : at + size] = struct.pack(form, change(length) + extra)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", LENGTHS)
def test_headers_that_promise_too_little(tmp_path, suffix):
    half = load(with_length(tmp_path, suffix, lambda length: length // 4 * 2))
    np.testing.assert_allclose(half.samples, TONE.samples, atol=1e-4)
    assert half.warnings == (
        "its header promises 8000 bytes of samples, but the file has 16000; all are read",
    )


@pytest.mark.parametrize("suffix", ["wav", "aiff", "au", "caf"])
def test_headers_that_were_never_finished(tmp_path, suffix):
    audio = load(with_length(tmp_path, suffix, lambda _: 0))
    np.testing.assert_allclose(audio.samples, TONE.samples, atol=1e-4)
    assert audio.warnings == ()


@pytest.mark.parametrize("suffix", LENGTHS)
def test_headers_that_promise_too_much(tmp_path, suffix):
    little = load(with_length(tmp_path, suffix, lambda length: length + 16))
    np.testing.assert_allclose(little.samples, TONE.samples, atol=1e-4)
    assert little.warnings == ("the last 16 bytes are missing",)
    with pytest.raises(AudioError, match="truncated"):
        load(with_length(tmp_path, suffix, lambda length: length + 2000))


def test_truncated_nist(tmp_path):
    path = tmp_path / "a.sph"
    sf.write(path, TONE.samples, SAMPLE_RATE, format="NIST", subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(AudioError, match="truncated"):
        load(path)


@pytest.mark.parametrize(
    "after", [b"LIST" + struct.pack("<I", 200) + b"a" * 200, bytes(500), b"TAG" + b"x" * 125]
)
def test_what_follows_the_samples_is_no_sound(tmp_path, after):
    path = synth.write(TONE, tmp_path / "a.wav")
    path.write_bytes(path.read_bytes() + after)
    audio = load(path)
    assert audio.duration == TONE.duration
    assert audio.warnings == ()


def test_flac_without_its_number_of_samples_is_whole(tmp_path):
    path = synth.write(synth.noise(1.0), tmp_path / "a.flac")
    right, content = load(path), bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    np.testing.assert_array_equal(load(path).samples, right.samples)
    np.testing.assert_array_equal(load(path, 0.25, 0.5).samples, right.samples[4000:12_000])


@pytest.mark.parametrize("suffix", ["ogg", "opus"])
def test_several_ogg_streams_are_an_error(tmp_path, suffix):
    path = synth.write(synth.noise(1.0), tmp_path / f"a.{suffix}")
    path.write_bytes(2 * path.read_bytes())
    with pytest.raises(AudioError, match="several Ogg streams"):
        load(path)


def test_an_mp3_after_a_large_picture(tmp_path):
    path = synth.write(synth.noise(1.0), tmp_path / "a.mp3")
    duration, content = load(path).duration, path.read_bytes()
    tag = b"ID3\x03\x00\x00" + bytes((0, 1 << 6, 0, 0)) + bytes(1 << 20)
    path.write_bytes(tag + content)
    assert load(path).duration == duration
    path.write_bytes(tag + content[:-1000])
    with pytest.raises(AudioError, match="truncated"):
        load(path)


def test_a_second_mp3_is_a_warning(tmp_path):
    path = synth.write(synth.noise(1.0), tmp_path / "a.mp3")
    path.write_bytes(2 * path.read_bytes())
    (warning,) = load(path).warnings
    assert "another MP3 follows" in warning
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + b"TAG" + bytes(125))
    assert load(path).warnings == ()


@pytest.mark.parametrize("suffix", ["mp3", "opus"])
def test_damage_in_the_middle_is_a_warning(tmp_path, suffix):
    path = synth.write(synth.noise(4.0), tmp_path / f"a.{suffix}")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 500] = bytes(500)
    path.write_bytes(content)
    audio = load(path)
    missing = 4.0 - audio.duration
    assert audio.warnings == (f"{missing:.2f} s cannot be decoded and are left out: it is damaged",)
