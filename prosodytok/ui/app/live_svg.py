"""SVG of the last seconds of a stream: F0 and the tokens of each level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from prosodytok.tokenizer.streaming import StreamingTokenizer
from prosodytok.tokenizer.streaming_encoder import StreamToken, WordToken
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import LEVELS

#: Visible seconds, and sizes (SVG units).
SECONDS, WIDTH, F0_HEIGHT, LANE = 6.0, 960.0, 160.0, 26.0
#: Range of the F0 axis (Hz).
F0_AXIS = (60.0, 800.0)


def live_html(stream: StreamingTokenizer, tokens: Sequence[StreamToken]) -> str:
    """Draw the last seconds of measured F0 and of tokens, with a status line."""
    try:
        prosody = stream.prosody
    except TokenError:
        return '<p class="hint">Listening …</p>'
    now = prosody.num_frames / prosody.frame_rate
    first = max(0.0, now - SECONDS)
    parts = [*_f0(prosody, first), *_lanes(tokens, first)]
    height = F0_HEIGHT + LANE * len(LEVELS)
    return (
        f'<p class="summary">{_status(stream, tokens, now)}</p>'
        f'<svg class="live" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="F0 and tokens of the last seconds">{"".join(parts)}</svg>'
    )


def _status(stream: StreamingTokenizer, tokens: Sequence[StreamToken], now: float) -> str:
    if stream.register is None:
        return f"{now:.1f} s · waiting for half a second of voiced speech"
    counts = ", ".join(f"{sum(t.level == name for t in tokens)} {name}" for name in LEVELS)
    median = stream.register.f0_median_hz
    return escape(f"{now:.1f} s · {counts} tokens · median F0 {median:.0f} Hz")


def _x(seconds: float, first: float) -> float:
    return (seconds - first) / SECONDS * WIDTH


def _f0(prosody: Prosody, first: float) -> Iterator[str]:
    octaves = np.log2(F0_AXIS[1] / F0_AXIS[0])
    for i in np.flatnonzero(prosody.voiced & (prosody.times >= first)):
        hz = np.clip(prosody.f0[i], *F0_AXIS)
        y = F0_HEIGHT * (1 - np.log2(hz / F0_AXIS[0]) / octaves)
        yield f'<circle class="f0" cx="{_x(prosody.times[i], first):.1f}" cy="{y:.1f}" r="2"/>'


def _lanes(tokens: Sequence[StreamToken], first: float) -> Iterator[str]:
    for token in tokens:
        if token.end <= first:
            continue
        x = max(0.0, _x(token.start, first))
        width = _x(token.end, first) - x
        y = F0_HEIGHT + LANE * LEVELS.index(token.level)
        pause = " pause" if isinstance(token, WordToken) and token.pause else ""
        codes = " ".join(map(str, token.codes))
        yield (
            f'<rect class="{token.level}{pause}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{LANE - 3}"><title>{token.level} {codes}</title></rect>'
        )
        if token.level != "frame":
            yield f'<text x="{x + 4:.1f}" y="{y + 16:.1f}">{codes}</text>'
