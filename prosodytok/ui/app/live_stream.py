"""Tokens of what is spoken into the microphone, while it is spoken."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from prosodytok.io.sound import mono_blocks, open_sound
from prosodytok.tokenizer import ProsodyTokenizer, StreamingTokenizer
from prosodytok.tokenizer.streaming import DEFAULT
from prosodytok.tokenizer.streaming_encoder import StreamToken
from prosodytok.types.errors import AudioError, ConfigError
from prosodytok.ui.app.live_svg import live_html
from prosodytok.ui.app.uploads import as_known

#: Longer than this (s) nobody is listened to: what has been measured is kept.
MOST_SECONDS = 120.0
#: How often the browser sends what it has recorded (s).
EVERY = 0.24


@dataclass
class Live:
    """One person's stream, and what it has said."""

    stream: StreamingTokenizer
    rate: int
    said: list[StreamToken] = field(default_factory=list)
    seconds: float = 0.0
    over: bool = False


def hear(tokenizer: ProsodyTokenizer, live: Live | None, sound: str | None) -> Live | None:
    """Listen to the next chunk, a sound file; a stream begins with the first one.

    Raises
    ------
    AudioError
        If it cannot be read, or has another rate than those before. The message names it as the
        person's browser did, without its folder.
    ConfigError
        If it would last longer than `MOST_SECONDS` in all.
    """
    if sound is None:
        return live
    if live is not None and live.over:
        live = None
    try:
        rate, samples = read_chunk(sound, live)
    except AudioError as error:
        raise AudioError(as_known(error, Path(sound))) from error
    if not samples.size:
        return live
    live = live or Live(StreamingTokenizer(rate, tokenizer), rate)
    live.seconds += samples.size / rate
    live.said += live.stream.push(samples)
    return live


def read_chunk(sound: str, live: Live | None) -> tuple[int, NDArray[np.float32]]:
    """Read the rate (Hz) and the samples of a chunk that may follow what was heard.

    Its header alone says whether it may: whoever sends more than that shall cost nothing.
    """
    with open_sound(sound) as file:
        rate: int = file.samplerate
        if live is not None and rate != live.rate:
            raise AudioError(f"the microphone went from {live.rate} to {rate} Hz: start again")
        if (live.seconds if live else 0.0) + file.frames / rate > MOST_SECONDS:
            raise ConfigError(f"{MOST_SECONDS:.0f} s are enough: stop, and start again")
        return rate, np.concatenate([np.zeros(0, np.float32), *mono_blocks(file)])


def stop(live: Live | None) -> Live | None:
    """End the stream: its last tokens are said."""
    if live is not None and not live.over:
        live.said += live.stream.finish()
        live.over = True
    return live


def make_live(on: Any) -> None:
    """Make the part of the page that listens; `on` connects an event with what it does."""
    state = gr.State(None, time_to_live=2 * MOST_SECONDS)
    with gr.Accordion("Live: speak, and see the tokens come", open=False, elem_id="live"):
        microphone = gr.Audio(
            label=f"Microphone (at most {MOST_SECONDS:.0f} s)",
            sources=["microphone"],
            type="filepath",  # as arrays, Gradio would have ffmpeg read whatever is sent
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

    def push(live: Live | None, sound: str | None) -> dict[Any, Any]:
        return show(hear(tokenizer(), live, sound))

    def begin() -> dict[Any, Any]:
        return show(None)

    def end(live: Live | None) -> dict[Any, Any]:
        return show(stop(live))

    both = [state, picture]
    quiet = {"show_progress": "hidden"}
    on(microphone.start_recording, begin, [], both, **quiet)
    on(microphone.stream, push, [state, microphone], both, stream_every=EVERY, **quiet)
    on(microphone.stop_recording, end, [state], both, **quiet)
