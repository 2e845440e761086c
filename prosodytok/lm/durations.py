"""Durations of units as tokens: steps of a fifth of an octave about the voice's mean duration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.timing import word_seconds
from prosodytok.types.register import Register
from prosodytok.types.units import FRAME_RATE

#: Durations that there are, octaves from one to the next, and the shortest (octaves).
NUM_DURATIONS, STEP, SHORTEST = 32, 0.2, -3.6


def frames_to_durations(frames: NDArray[np.int64], register: Register) -> NDArray[np.int64]:
    """Duration tokens (N,) of units of so many frames, relative to the register's word rate."""
    octaves = np.log2(frames / FRAME_RATE * register.word_rate_hz)
    tokens = np.rint((octaves - SHORTEST) / STEP).astype(np.int64)
    return np.clip(tokens, 0, NUM_DURATIONS - 1)


def durations_to_frames(durations: NDArray[np.int64], register: Register) -> NDArray[np.int64]:
    """Frames (N,) of duration tokens, at least one each."""
    octaves = (SHORTEST + STEP * durations).astype(np.float32)
    frames = np.rint(word_seconds(octaves, register) * FRAME_RATE)
    return np.maximum(1, frames).astype(np.int64)
