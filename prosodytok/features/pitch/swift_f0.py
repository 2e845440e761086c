"""SwiftF0, a small neural tracker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.loudness import peak_level
from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, limits, pad_to_grid
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import frame_times, samples_to_frames

#: Peak level to which sounds are scaled: SwiftF0 finds no voice in very soft ones.
LEVEL = 0.5
#: Confidence from which SwiftF0 defines frames as voiced.
VOICED = 0.5
#: Change between neighbouring frames of SwiftF0 that is not interpolated (octaves).
JUMP = 0.3


@dataclass(frozen=True)
class SwiftF0Tracker:
    """SwiftF0, with a hop of 16 ms, resampled to the prosody grid.

    Voicing is that of the nearest frame of SwiftF0.

    References
    ----------
    L. Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", arXiv:2508.18440, 2025.
    """

    f0_range: F0Range = DEFAULT_RANGE
    name: str = "swift-f0"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`."""
        num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
        level = peak_level(audio.samples, audio.sample_rate)
        f0, confidence = swift_f0(audio.samples, audio.sample_rate, num_frames, level)
        floor, ceiling = limits(self.f0_range)
        voiced = (confidence >= VOICED) & (f0 >= floor) & (f0 <= ceiling)
        return Pitch(f0, voiced, np.where(voiced, confidence, 0.0))


def swift_f0(
    samples: NDArray[np.float32], sample_rate: int, num_frames: int, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """F0 (Hz) and confidence (0 to 1) of each frame, both of shape (T,).

    F0 is interpolated in its logarithm, except across jumps and where a neighbour has no
    confidence; the confidence is that of the nearest frame of SwiftF0.

    Parameters
    ----------
    samples : (N,) float32
        The sound.
    sample_rate : int
        Samples per second (Hz).
    num_frames : int
        Frames T of the result.
    level : float
        Peak level of the sound, of which `samples` may be a part.
    """
    gain = LEVEL / level if level else 1.0
    padded = pad_to_grid(samples, sample_rate, num_frames)
    found = _detector().detect((padded - padded.mean(dtype=np.float64)) * gain, sample_rate)
    place = np.interp(frame_times(num_frames), found.timestamps, np.arange(found.timestamps.size))
    low, high, nearest = (
        np.asarray(x, dtype=np.int64) for x in (np.floor(place), np.ceil(place), place + 0.5)
    )
    octaves = np.log2(found.pitch_hz)
    steady = (np.abs(octaves[high] - octaves[low]) < JUMP) & (
        (found.confidence[low] >= VOICED) == (found.confidence[high] >= VOICED)
    )
    between = np.interp(place, np.arange(octaves.size), octaves)
    return np.exp2(np.where(steady, between, octaves[nearest])), found.confidence[nearest]


@cache
def _detector() -> Any:
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1, spin=False)
