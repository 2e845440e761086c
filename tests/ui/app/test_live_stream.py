"""What the page does with chunks of a microphone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from prosodytok import ProsodyTokenizer, StreamingTokenizer
from prosodytok.types.audio import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from prosodytok.types.errors import AudioError, ConfigError
from prosodytok.ui.app import live_stream
from prosodytok.ui.app.live_stream import MOST_SECONDS, Live, hear, stop
from prosodytok.ui.app.live_svg import live_html
from tests.synth import glide, harmonics, join, modulated, noise

VOICE = join(noise(0.2, level=0.002), modulated(harmonics(glide(200, 150), 1.3)))
WHOLE = np.round(VOICE.samples * 32767).astype(np.int16)
#: What Chromium begins each chunk with: mono at 16 kHz, of a length that is not known yet.
HEAD = bytes.fromhex(
    "52494646f7ffffff57415645666d74201000000001000100803e0000007d00000200100064617461d3ffffff"
)

Chunks = Callable[..., str]


@pytest.fixture(scope="module")
def causal() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained("stream")


@pytest.fixture
def chunk(tmp_path: Path) -> Chunks:
    """Writes a stretch of the voice, or other samples, as a browser does."""

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
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is heard after all is an error of its own."""
    monkeypatch.delattr(live_stream, "StreamingTokenizer")
    monkeypatch.delattr(StreamingTokenizer, "push")
    monkeypatch.delattr(sf.SoundFile, "read")


def test_chunks_become_the_tokens_of_the_sound(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live: Live | None = hear(causal, None, None)
    assert live is None
    for start in range(0, WHOLE.size, 3840):
        live = hear(causal, live, chunk(start, start + 3840))
    live = stop(live)
    assert live is not None
    assert live.seconds == pytest.approx(VOICE.duration)
    alone = StreamingTokenizer(16_000, causal)
    assert live.said == [*alone.push(WHOLE / 32768), *alone.finish()]
    assert stop(live) is live  # once is enough


def test_channels_are_averaged(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    one = stop(hear(causal, None, chunk(0, 16_000)))
    two = stop(hear(causal, None, chunk(0, 16_000, samples=np.stack([WHOLE] * 2, axis=1))))
    assert one is not None
    assert two is not None
    assert one.said == two.said


def test_a_chunk_without_sound_changes_nothing(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    assert hear(causal, None, chunk(0, 0)) is None
    live = hear(causal, None, chunk())
    assert hear(causal, live, chunk(0, 0)) is live


def test_after_a_stop_a_new_stream_begins(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    first = stop(hear(causal, None, chunk(0, 8000)))
    second = hear(causal, first, chunk())
    assert second is not first
    assert second is not None
    assert not second.said


def test_another_rate_is_refused(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    live = hear(causal, None, chunk())
    with pytest.raises(AudioError, match="start again"):
        hear(causal, live, chunk(rate=48_000))


def test_a_stream_that_would_last_too_long_is_refused(
    causal: ProsodyTokenizer, chunk: Chunks
) -> None:
    live = hear(causal, None, chunk())
    assert live is not None
    live.seconds = MOST_SECONDS - 0.05
    live = hear(causal, live, chunk())  # the last 50 ms
    with pytest.raises(ConfigError, match="120 s are enough"):
        hear(causal, live, chunk(0, 16))


@pytest.mark.usefixtures("deaf")
def test_one_chunk_that_is_too_long_costs_nothing(causal: ProsodyTokenizer, chunk: Chunks) -> None:
    count = int(8000 * MOST_SECONDS) + 1
    much = chunk(0, count, 8000, np.zeros(count))
    with pytest.raises(ConfigError, match="120 s are enough"):
        hear(causal, None, much)


@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize("rate", [100, MIN_SAMPLE_RATE - 1, MAX_SAMPLE_RATE + 1])
def test_rates_that_no_speech_has_cost_nothing(
    rate: int, causal: ProsodyTokenizer, chunk: Chunks
) -> None:
    with pytest.raises(AudioError, match=f"^audio.wav: sample_rate .*{rate}$"):
        hear(causal, None, chunk(rate=rate))


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", b"RIFF" * 100])
def test_what_is_no_sound_is_a_sentence(
    content: bytes, causal: ProsodyTokenizer, tmp_path: Path
) -> None:
    for name in ("audio.wav", "audio.m3u8"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AudioError, match=f"^{name}: "):
            hear(causal, None, str(tmp_path / name))


def test_the_picture_shows_each_token_and_voiced_frame(
    causal: ProsodyTokenizer, chunk: Chunks
) -> None:
    live = hear(causal, None, chunk(0, 100))
    assert live is not None
    assert "Listening" in live_html(live.stream, live.said)
    live = hear(causal, live, chunk(100, 6000))
    assert live is not None
    assert "waiting" in live_html(live.stream, live.said)
    live = stop(hear(causal, live, chunk(6000, WHOLE.size)))
    assert live is not None
    html = live_html(live.stream, live.said)
    assert len(re.findall("<rect", html)) == len(live.said)
    assert len(re.findall("<circle", html)) == live.stream.prosody.voiced.sum()
    assert f"{sum(t.level == 'word' for t in live.said)} word" in html
