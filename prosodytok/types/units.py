"""Conversions between units; all rounding of times happens here."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

#: Frames per second of every `Prosody`.
FRAME_RATE = 100.0
#: Longest sound, TextGrid and token sequence: a day, in seconds and in frames of 10 ms.
MAX_SECONDS = 86_400
MAX_FRAMES = 100 * MAX_SECONDS

#: Nepers of power in a decibel.
NEPERS = np.log(10) / 10

Number = TypeVar("Number", float, NDArray[np.floating[Any]])


def hz_to_semitones(hz: Number, reference_hz: float) -> Number:
    """Semitones of `hz` above `reference_hz`."""
    semitones: Number = 12.0 * np.log2(hz / reference_hz)
    return semitones


def semitones_to_hz(semitones: Number, reference_hz: float) -> Number:
    """Frequency (Hz) of `semitones` above `reference_hz`."""
    hz: Number = reference_hz * np.exp2(semitones / 12.0)
    return hz


def hz_to_cents(hz: Number, reference_hz: float) -> Number:
    """Cents (hundredths of a semitone) of `hz` above `reference_hz`."""
    return 100.0 * hz_to_semitones(hz, reference_hz)


def seconds_to_frames(seconds: float, frame_rate: float = FRAME_RATE) -> int:
    """Nearest frame edge to a time; halves round up."""
    return int(np.floor(seconds * frame_rate + 0.5 + 1e-9))


def frames_to_seconds(frames: int, frame_rate: float = FRAME_RATE) -> float:
    """Time (s) of a frame's left edge."""
    return float(frames / frame_rate)


def seconds_to_samples(seconds: float, sample_rate: int) -> int:
    """Nearest sample to a time; halves round up."""
    return int(np.floor(seconds * sample_rate + 0.5 + 1e-9))


def samples_to_frames(num_samples: int, sample_rate: int, frame_rate: float = FRAME_RATE) -> int:
    """Number of frames of a sound: its duration rounded to frames, at least one."""
    return max(1, seconds_to_frames(num_samples / sample_rate, frame_rate))


def frame_times(num_frames: int, frame_rate: float = FRAME_RATE) -> NDArray[np.float64]:
    """Times in seconds of the frames' centres, (i + 0.5) / frame_rate, shape (T,)."""
    return (np.arange(num_frames, dtype=np.float64) + 0.5) / frame_rate
