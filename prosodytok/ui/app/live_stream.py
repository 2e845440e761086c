"""Live tokenization of the microphone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from prosodytok.io.sound_file import open_sound
from prosodytok.tokenizer import ProsodyTokenizer, StreamingTokenizer
from prosodytok.tokenizer.streaming import DEFAULT_CAUSAL
from prosodytok.tokenizer.streaming_encoder import StreamToken
from prosodytok.types.errors import AudioError, ConfigError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.ui.app.live_svg import live_html
from prosodytok.ui.app.uploads import without_folders

#: The longest stream (s), since all measured frames are kept.
MAX_SECONDS = 120.0
#: Interval between the chunks that the browser sends (s).
CHUNK_SECONDS = 0.24


@dataclass
class LiveStream:
    """A stream of one session, and its tokens so far."""

    stream: StreamingTokenizer
    sample_rate: int
    tokens: list[StreamToken] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False


def push_chunk(
    tokenizer: ProsodyTokenizer,
    live: LiveStream | None,
    sound: str | None,
    f0_range: F0Range = FITTED,
) -> LiveStream | None:
    """Push the next chunk, a sound file; the first one starts a stream.

    Raises `AudioError`, with the name of the file without its folder, if it cannot be read or its
    sample rate differs from that before, and `ConfigError` if the stream would exceed
    `MAX_SECONDS`.
    """
    if sound is None:
        return live
    if live is not None and live.finished:
        live = None
    try:
        sample_rate, samples = read_chunk(sound, live)
    except AudioError as error:
        raise AudioError(without_folders(error, Path(sound))) from error
    if not samples.size:
        return live
    if live is None:
        stream = StreamingTokenizer(
            sample_rate, tokenizer, f0_floor=f0_range.floor, f0_ceiling=f0_range.ceiling
        )
        live = LiveStream(stream, sample_rate)
    live.seconds += len(samples) / sample_rate
    live.tokens += live.stream.push(samples)
    return live


def read_chunk(sound: str, live: LiveStream | None) -> tuple[int, NDArray[np.float32]]:
    """Read rate (Hz) and samples (N, C) of a chunk, after its header is within the limits."""
    with open_sound(sound, ffmpeg=False) as file:
        sample_rate = file.sample_rate
        if live is not None and sample_rate != live.sample_rate:
            raise AudioError(
                f"the sample rate of the microphone changed from {live.sample_rate} to "
                f"{sample_rate} Hz: start again"
            )
        if (live.seconds if live else 0.0) + (file.frames or 0) / sample_rate > MAX_SECONDS:
            raise ConfigError(f"the limit is {MAX_SECONDS:.0f} s: stop, and start again")
        return sample_rate, np.concatenate(
            [np.zeros((0, file.channels), np.float32), *file.blocks()]
        )


def finish(live: LiveStream | None) -> LiveStream | None:
    """Finish the stream, which adds its last tokens."""
    if live is not None and not live.finished:
        live.tokens += live.stream.finish()
        live.finished = True
    return live


def build_live_panel(on: Any, f0_range: F0Range = FITTED) -> None:
    """Build the panel of the microphone; `on` connects an event with its handler."""
    state = gr.State(None, time_to_live=2 * MAX_SECONDS)
    with gr.Accordion("Live: tokens while you speak", open=False, elem_id="live"):
        microphone = gr.Audio(
            label=f"Microphone (at most {MAX_SECONDS:.0f} s)",
            sources=["microphone"],
            type="filepath",  # for arrays, Gradio would run ffmpeg on any uploaded data
            streaming=True,
            buttons=[],
            elem_id="microphone",
        )
        picture = gr.HTML(elem_id="live-tokens", apply_default_css=False)

    @cache
    def tokenizer() -> ProsodyTokenizer:
        """Load the causal checkpoint at its first use."""
        return ProsodyTokenizer.from_pretrained(DEFAULT_CAUSAL)

    def show(live: LiveStream | None) -> dict[Any, Any]:
        return {state: live, picture: live_html(live.stream, live.tokens) if live else ""}

    def push(live: LiveStream | None, sound: str | None) -> dict[Any, Any]:
        return show(push_chunk(tokenizer(), live, sound, f0_range))

    def start() -> dict[Any, Any]:
        return show(None)

    def stop(live: LiveStream | None) -> dict[Any, Any]:
        return show(finish(live))

    outputs = [state, picture]
    quiet = {"show_progress": "hidden"}
    on(microphone.start_recording, start, [], outputs, **quiet)
    on(microphone.stream, push, [state, microphone], outputs, stream_every=CHUNK_SECONDS, **quiet)
    on(microphone.stop_recording, stop, [state], outputs, **quiet)
