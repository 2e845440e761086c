"""Files, sounds and waveforms embedded in a page, which then needs no other file."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from prosodytok.types.audio import Audio

#: Columns of a waveform per second, and the height of its peak.
COLUMNS_PER_SECOND, PEAK_HEIGHT = 200.0, 100


def data_uri(content: bytes, mime_type: str) -> str:
    """Encode a file as a ``data:`` URI."""
    return f"data:{mime_type};base64,{base64.b64encode(content).decode('ascii')}"


def written_uri(name: str, mime_type: str, write: Callable[[Path], object]) -> str:
    """Encode the file that `write` writes to a temporary path of this name."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        write(file)
        return data_uri(file.read_bytes(), mime_type)


def audio_to_base64(audio: Audio) -> str:
    """Encode a sound as MP3 in base64; as WAV if libsndfile, older than 1.1, lacks MP3."""
    has_mp3 = "MP3" in sf.available_formats()
    return base64.b64encode(audio.to_bytes(".mp3" if has_mp3 else ".wav")).decode("ascii")


def waveform(audio: Audio) -> list[int]:
    """Outline of a sound: peak magnitude of each 1/200 s, from 0 to 100 (loudest)."""
    magnitudes: NDArray[np.float32] = np.abs(audio.samples)
    count = max(1, int(audio.duration * COLUMNS_PER_SECOND))
    starts = np.linspace(0, magnitudes.size, count, endpoint=False, dtype=int)
    peaks = np.maximum.reduceat(magnitudes, starts)
    loudest = max(float(peaks.max()), 1e-4)  # so that silence stays flat
    heights: list[int] = np.rint(PEAK_HEIGHT * peaks / loudest).astype(int).tolist()
    return heights
