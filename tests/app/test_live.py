"""What the page does with chunks of a microphone."""

import re

import numpy as np
import pytest
from synth import glide, harmonics, join, modulated, noise

from prosodytok import ProsodyTokenizer, StreamingTokenizer
from prosodytok.app.live import MOST_SECONDS, Chunk, Live, as_floats, hear, stop
from prosodytok.app.live_figure import live_html
from prosodytok.errors import AudioError, ConfigError

VOICE = join(noise(0.2, level=0.002), modulated(harmonics(glide(200, 150), 1.3)))
WHOLE = np.round(VOICE.samples * 32767).astype(np.int16)


@pytest.fixture(scope="module")
def causal() -> ProsodyTokenizer:
    return ProsodyTokenizer.from_pretrained("stream")


def chunk(start: int, stop_at: int, rate: int = 16_000) -> Chunk:
    return rate, WHOLE[start:stop_at]


def test_chunks_become_the_tokens_of_the_sound(causal: ProsodyTokenizer) -> None:
    live: Live | None = hear(causal, None, None)
    assert live is None
    for start in range(0, WHOLE.size, 3840):
        live = hear(causal, live, chunk(start, start + 3840))
    live = stop(live)
    assert live is not None
    alone = StreamingTokenizer(16_000, causal)
    assert live.said == [*alone.push(as_floats(WHOLE)), *alone.finish()]
    assert stop(live) is live  # once is enough


def test_after_a_stop_a_new_stream_begins(causal: ProsodyTokenizer) -> None:
    first = stop(hear(causal, None, chunk(0, 8000)))
    second = hear(causal, first, chunk(0, 800))
    assert second is not first
    assert second is not None
    assert not second.said


def test_what_cannot_be_heard_is_said(causal: ProsodyTokenizer) -> None:
    live = hear(causal, None, chunk(0, 800))
    assert live is not None
    with pytest.raises(AudioError, match="start again"):
        hear(causal, live, chunk(0, 800, rate=48_000))
    live.seconds = MOST_SECONDS + 1
    with pytest.raises(ConfigError, match="enough"):
        hear(causal, live, chunk(0, 800))


def test_whole_numbers_of_any_width_and_channels_are_samples() -> None:
    two = np.array([[-32768, 0], [16384, 32767]], dtype=np.int16)
    assert as_floats(two).tolist() == [[-1.0, 0.0], [0.5, pytest.approx(1.0, abs=1e-4)]]
    assert as_floats(np.array([-(2**31)], dtype=np.int32)).tolist() == [-1.0]
    assert as_floats(np.array([0.25], dtype=np.float32)).tolist() == [0.25]


def test_the_picture_shows_each_token_and_voiced_frame(causal: ProsodyTokenizer) -> None:
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
