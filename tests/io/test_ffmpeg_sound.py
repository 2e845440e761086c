"""Sound that FFmpeg decodes."""

import sys
from pathlib import Path

import numpy as np
import pytest

from prosodytok.io.sound import load
from prosodytok.io.sound_file import open_sound
from prosodytok.types.errors import AudioError
from tests import synth
from tests.ffmpeg_files import write

av = pytest.importorskip("av")

VOICE = synth.modulated(synth.harmonics(synth.glide(180, 110), 1.0))


def mono(seconds: float = 1.0) -> np.ndarray:
    return np.tile(VOICE.samples, round(seconds))[:, None]


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.m4a", "aac", 16_000),
        ("a.mp4", "alac", 16_000),
        ("a.webm", "libopus", 48_000),
        ("a.mka", "flac", 16_000),
        ("a.aac", "aac", 16_000),
        ("a.amr", "libopencore_amrnb", 8_000),
        ("a.wv", "wavpack", 16_000),
        ("a.wav", "g722", 16_000),
        ("a.avi", "pcm_s16le", 16_000),
    ],
)
def test_formats(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    path = write(tmp_path / name, codec, mono(), rate)
    with pytest.raises(AudioError, match="not a sound file that libsndfile"):
        open_sound(path, ffmpeg=False).__enter__()
    renamed = path.rename(tmp_path / "b.mp3")  # the content decides
    audio = load(renamed)
    assert audio.duration == pytest.approx(1.0, abs=0.1)
    size = min(audio.samples.size, VOICE.samples.size)
    spectra = [np.abs(np.fft.rfft(x[:size])) for x in (audio.samples, VOICE.samples)]
    assert np.corrcoef(spectra)[0, 1] > 0.9
    assert audio.warnings == ()


def test_a_lossless_part_is_exact(tmp_path: Path) -> None:
    path = write(tmp_path / "a.m4a", "alac", mono(30))
    whole = load(path).samples
    assert whole.size == 30 * VOICE.samples.size
    for offset, duration in ((0.25, 0.5), (25.5, 1.0), (25.5, None)):
        part = load(path, offset, duration).samples
        first = round(offset * 16_000)
        np.testing.assert_array_equal(part, whole[first : first + part.size])
        assert part.size == 16_000 * (duration or 4.5)
    for offset, duration in ((29.5, 1.0), (31.0, None)):
        with pytest.raises(AudioError, match=r"a\.m4a: it ends, before the part"):
            load(path, offset, duration)


def test_channels_that_cancel(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mka", "flac", mono() * [1, -1])
    audio = load(path)
    np.testing.assert_allclose(audio.samples, VOICE.samples, atol=1e-4)
    assert "cancel" in audio.warnings[0]


@pytest.mark.parametrize("name", ["a.m4a", "a.mka"])
def test_truncated_files(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, "aac", mono(4))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(AudioError, match=r"a\.m"):
        load(path)


def test_damaged_packets_are_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.aac", "aac", mono(2))
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 300] = b"\xff" * 300
    path.write_bytes(content)
    assert "damaged" in load(path).warnings[0]


@pytest.mark.parametrize(
    "text",
    ["#EXTM3U\n#EXTINF:1,\n{0}\n", "ffconcat version 1.0\nfile '{0}'\n", "v=0\nm=audio 9 RTP 0\n"],
)
def test_playlists_are_not_followed(tmp_path: Path, text: str) -> None:
    sound = write(tmp_path / "a.m4a", "aac", mono())
    for suffix in (".m3u8", ".mp4", ".txt"):
        path = tmp_path / f"list{suffix}"
        path.write_text(text.format(sound))
        with pytest.raises(AudioError, match="not a sound file"):
            load(path)


def test_a_video_without_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="no audio track"):
        load(tmp_path / "a.mp4")


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.m4a", "aac", mono())
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(AudioError, match=r"a\.m4a: .*pip install 'prosodytok\[av\]'"):
        load(path)


def test_a_missing_end_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mka", "flac", synth.noise(2.0).samples[:, None])
    assert load(path).warnings == ()
    path.write_bytes(path.read_bytes()[:-3000])
    (warning,) = load(path).warnings
    assert "missing" in warning
