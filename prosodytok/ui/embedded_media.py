"""Sound inside the page: small, and such that every browser plays it."""

from __future__ import annotations

import base64

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from prosodytok.types.audio import Audio

#: Columns of the waveform a second, and the height of the loudest.
COLUMNS_PER_SECOND, FULL = 200.0, 100


def to_base64(audio: Audio) -> str:
    """Encode a sound as MP3: 9 kB a second in the page, where WAV would need 43.

    A libsndfile older than 1.1 has no MP3; then it is WAV.
    """
    has_mp3 = "MP3" in sf.available_formats()
    return base64.b64encode(audio.to_bytes(".mp3" if has_mp3 else ".wav")).decode("ascii")


def waveform(audio: Audio) -> list[int]:
    """Outline of a sound: the largest magnitude in each 1/200 s, from 0 to 100 of the loudest."""
    magnitudes: NDArray[np.float32] = np.abs(audio.samples)
    count = max(1, int(audio.duration * COLUMNS_PER_SECOND))
    starts = np.linspace(0, magnitudes.size, count, endpoint=False, dtype=int)
    peaks = np.maximum.reduceat(magnitudes, starts)
    loudest = max(float(peaks.max()), 1e-4)  # so that silence stays flat
    heights: list[int] = np.rint(FULL * peaks / loudest).astype(int).tolist()
    return heights
