"""Tokens of what is spoken into the microphone, while it is spoken."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from prosodytok.app.live_figure import live_html
from prosodytok.errors import AudioError, ConfigError
from prosodytok.model import ProsodyTokenizer, StreamingTokenizer
from prosodytok.model.stream_coder import StreamToken
from prosodytok.model.streaming import DEFAULT

#: Longer than this (s) nobody is listened to: what has been measured is kept.
MOST_SECONDS = 120.0
#: How often the browser sends what it has recorded (s).
EVERY = 0.24
#: What the microphone gives: its rate and samples (N,) or (N, C).
Chunk = tuple[int, NDArray[Any]]


@dataclass
class Live:
    """One person's stream, and what it has said."""

    stream: StreamingTokenizer
    rate: int
    said: list[StreamToken] = field(default_factory=list)
    seconds: float = 0.0
    over: bool = False


def hear(tokenizer: ProsodyTokenizer, live: Live | None, chunk: Chunk | None) -> Live | None:
    """Listen to the next chunk; a stream begins with the first one.

    Raises
    ------
    ConfigError
        If it has lasted long enough.
    """
    if chunk is None or not len(chunk[1]):
        return live
    rate, samples = chunk
    if live is None or live.over:
        live = Live(StreamingTokenizer(rate, tokenizer), rate)
    if rate != live.rate:
        raise AudioError(f"the microphone went from {live.rate} to {rate} Hz: start again")
    if live.seconds > MOST_SECONDS:
        raise ConfigError(f"{MOST_SECONDS:.0f} s are enough: stop, and start again")
    live.said += live.stream.push(as_floats(samples))
    live.seconds += len(samples) / rate
    return live


def stop(live: Live | None) -> Live | None:
    """End the stream: its last tokens are said."""
    if live is not None and not live.over:
        live.said += live.stream.finish()
        live.over = True
    return live


def as_floats(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Samples between -1 and 1: browsers send whole numbers."""
    scale = -float(np.iinfo(samples.dtype).min) if samples.dtype.kind == "i" else 1.0
    return (samples / scale).astype(np.float32)


def make_live(on: Any) -> None:
    """Make the part of the page that listens; `on` connects an event with what it does."""
    state = gr.State(None, time_to_live=2 * MOST_SECONDS)
    with gr.Accordion("Live: speak, and see the tokens come", open=False, elem_id="live"):
        microphone = gr.Audio(
            label=f"Microphone (at most {MOST_SECONDS:.0f} s)",
            sources=["microphone"],
            type="numpy",
            streaming=True,
            buttons=[],
            elem_id="microphone",
        )
        picture = gr.HTML(elem_id="live-tokens", apply_default_css=False)

    @cache
    def tokenizer() -> ProsodyTokenizer:
        """The causal checkpoint, loaded when somebody first speaks."""
        return ProsodyTokenizer.from_pretrained(DEFAULT)

    def show(live: Live | None) -> dict[Any, Any]:
        return {state: live, picture: live_html(live.stream, live.said) if live else ""}

    def push(live: Live | None, chunk: Chunk | None) -> dict[Any, Any]:
        return show(hear(tokenizer(), live, chunk))

    def begin() -> dict[Any, Any]:
        return show(None)

    def end(live: Live | None) -> dict[Any, Any]:
        return show(stop(live))

    both = [state, picture]
    quiet = {"show_progress": "hidden"}
    on(microphone.start_recording, begin, [], both, **quiet)
    on(microphone.stream, push, [state, microphone], both, stream_every=EVERY, **quiet)
    on(microphone.stop_recording, end, [state], both, **quiet)
