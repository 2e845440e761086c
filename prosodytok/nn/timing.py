"""Durations as the codes carry them: relative to the register's rate, on a log scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.units import FRAME_RATE

#: Reference duration of the pauses' log scale (seconds).
PAUSE_UNIT = 0.1


def word_timing(hierarchy: Hierarchy, register: Register) -> NDArray[np.float32]:
    """Log2 of each word's duration over the mean duration 1 / word_rate_hz, shape (N,)."""
    seconds = hierarchy.words.durations / FRAME_RATE
    return np.log2(seconds * register.word_rate_hz).astype(np.float32)


def word_seconds(timing: NDArray[np.float32], register: Register) -> NDArray[np.float64]:
    """Durations in seconds: the inverse of `word_timing`."""
    return np.exp2(timing.astype(np.float64)) / register.word_rate_hz


def phrase_timing(
    prosody: Prosody, hierarchy: Hierarchy, register: Register
) -> NDArray[np.float32]:
    """Rate and closing pause of each phrase.

    Returns
    -------
    (P, 2) float32
        Log2 of the phrase's word rate over the register's; log2(1 + pause / 100 ms).
    """
    edges = hierarchy.phrases.boundaries
    first_words = np.searchsorted(hierarchy.words.boundaries, edges)
    rate = np.diff(first_words) / (np.diff(edges) / FRAME_RATE)
    pause = _pauses(prosody, edges, register)
    columns = [np.log2(rate / register.word_rate_hz), np.log2(1 + pause / PAUSE_UNIT)]
    return np.stack(columns, axis=1).astype(np.float32)


def _pauses(prosody: Prosody, edges: NDArray[np.int64], register: Register) -> NDArray[np.float64]:
    """Seconds from the last frame of speech to the end of each phrase."""
    threshold = register.energy_level_db - register.energy_range_db / 2
    speech = np.flatnonzero(prosody.voiced | (prosody.energy > threshold))
    last = np.searchsorted(speech, edges[1:])  # frames of speech before each phrase's end
    ends = np.append(-1, speech)[last] + 1
    frames: NDArray[np.int64] = edges[1:] - np.maximum(ends, edges[:-1])
    return frames / FRAME_RATE
