"""Live tokenization of chunks of the microphone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from prosodytok import ProsodyTokenizer, StreamingTokenizer
from prosodytok.types.errors import AudioError, ConfigError
from prosodytok.types.sample_arrays import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from prosodytok.ui.app import live_stream
from prosodytok.ui.app.live_stream import MAX_SECONDS, LiveStream, finish, push_chunk
from prosodytok.ui.app.live_svg import live_html
from tests.synth import glide, harmonics, join, modulated, noise

VOICE = join(noise(0.2, level=0.002), modulated(harmonics(glide(200, 150), 1.3)))
WHOLE = np.round(VOICE.samples * 32767).astype(np.int16)
#: Header of each chunk from Chromium: mono at 16 kHz, of unspecified length.
HEAD = bytes.fromhex(
    "52494646f7ffffff57415645666d74201000000001000100803e0000007d00000200100064617461d3ffffff"
)

Chunks = Callable[..., str]


@pytest.fixture(scope="module")
def causal() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained("stream")


@pytest.fixture
def chunk(tmp_path: Path) -> Chunks:
    """Writer of a part of the voice, or of other samples, as from a browser."""

    def write(
        start: int = 0, stop_at: int = 800, rate: int = 16_000, samples: NDArray[Any] = WHOLE
    ) -> str:
        file = tmp_path / "audio.wav"
        if rate == 16_000 and samples is WHOLE:
            file.write_bytes(HEAD + samples[start:stop_at].tobytes())
        else:
            sf.write(file, samples[start:stop_at], rate)
        return str(file)

    return write


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make reading of samples and encoding fail."""
    monkeypatch.delattr(live_stream, "StreamingTokenizer")
    monkeypatch.delattr(StreamingTokenizer, "push")
    monkeypatch.delattr(sf.SoundFile, "read")


def test_chunks_give_the_tokens_of_the_sound(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live: LiveStream | None = push_chunk(causal, None, None)
    assert live is None
    for start in range(0, WHOLE.size, 3840):
        live = push_chunk(causal, live, chunk(start, start + 3840))
    live = finish(live)
    assert live is not None
    assert live.seconds == pytest.approx(VOICE.duration)
    expected = StreamingTokenizer(16_000, causal)
    assert live.tokens == [*expected.push(WHOLE / 32768), *expected.finish()]
    assert finish(live) is live  # idempotent


def test_channels_are_averaged(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    one = finish(push_chunk(causal, None, chunk(0, 16_000)))
    two = finish(push_chunk(causal, None, chunk(0, 16_000, samples=np.stack([WHOLE] * 2, axis=1))))
    assert one is not None
    assert two is not None
    assert one.tokens == two.tokens


def test_empty_chunk(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    assert push_chunk(causal, None, chunk(0, 0)) is None
    live = push_chunk(causal, None, chunk())
    assert push_chunk(causal, live, chunk(0, 0)) is live


def test_new_stream_after_the_end(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    first = finish(push_chunk(causal, None, chunk(0, 8000)))
    second = push_chunk(causal, first, chunk())
    assert second is not first
    assert second is not None
    assert not second.tokens


def test_change_of_sample_rate(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live = push_chunk(causal, None, chunk())
    with pytest.raises(AudioError, match="start again"):
        push_chunk(causal, live, chunk(rate=48_000))


def test_limit_of_the_stream(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live = push_chunk(causal, None, chunk())
    assert live is not None
    live.seconds = MAX_SECONDS - 0.05
    live = push_chunk(causal, live, chunk())  # the last 50 ms
    with pytest.raises(ConfigError, match="the limit is 120 s"):
        push_chunk(causal, live, chunk(0, 16))


@pytest.mark.usefixtures("no_decoding")
def test_long_chunks_are_not_decoded(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    count = int(8000 * MAX_SECONDS) + 1
    much = chunk(0, count, 8000, np.zeros(count))
    with pytest.raises(ConfigError, match="the limit is 120 s"):
        push_chunk(causal, None, much)


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("rate", [100, MIN_SAMPLE_RATE - 1, MAX_SAMPLE_RATE + 1])
def test_sample_rate_limits_are_checked_first(
    rate: int, causal: ProsodyTokenizer, chunk: Chunks
) -> None:
    with pytest.raises(AudioError, match=f"^audio.wav: sample_rate .*{rate}$"):
        push_chunk(causal, None, chunk(rate=rate))


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", b"RIFF" * 100])
def test_invalid_sounds_give_messages(
    content: bytes, causal: ProsodyTokenizer, tmp_path: Path
) -> None:
    for name in ("audio.wav", "audio.m3u8"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AudioError, match=f"^{name}: "):
            push_chunk(causal, None, str(tmp_path / name))


def test_svg_shows_each_token_and_voiced_frame(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live = push_chunk(causal, None, chunk(0, 100))
    assert live is not None
    assert "Listening" in live_html(live.stream, live.tokens)
    live = push_chunk(causal, live, chunk(100, 6000))
    assert live is not None
    assert "waiting" in live_html(live.stream, live.tokens)
    live = finish(push_chunk(causal, live, chunk(6000, WHOLE.size)))
    assert live is not None
    html = live_html(live.stream, live.tokens)
    assert len(re.findall("<rect", html)) == len(live.tokens)
    assert len(re.findall("<circle", html)) == live.stream.prosody.voiced.sum()
    assert f"{sum(t.level == 'word' for t in live.tokens)} word" in html
