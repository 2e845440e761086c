"""`Pitch` and the interface of trackers, on the prosody grid of 100 frames a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import FRAME_RATE, samples_to_frames, seconds_to_samples

#: The range of a tracker that is called by itself, and of the reference.
DEFAULT_RANGE = F0Range(75.0, 500.0)

#: Frames of a block and of its margins. Both are whole seconds: a block then starts on a sample at
#: any sample rate.
BLOCK_FRAMES, MARGIN_FRAMES = 60_000, 200


@dataclass(frozen=True)
class Pitch:
    """Output of a tracker.

    Parameters
    ----------
    f0 : (T,) float64
        Fundamental frequency in Hz where `voiced`, undefined elsewhere.
    voiced : (T,) bool
        Whether each frame is voiced.
    confidence : (T,) float64
        From 0 to 1 where `voiced`, else 0: Praat's strength of the autocorrelation, SwiftF0's own
        confidence. By default 1 where `voiced`, as for World.
    """

    f0: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    confidence: NDArray[np.float64] = field(default=None)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        if self.confidence is None:
            object.__setattr__(self, "confidence", self.voiced.astype(np.float64))

    def quartiles(self) -> NDArray[np.float64]:
        """Quartiles of F0 (Hz), shape (3,), of the more confident half of the voiced frames.

        Errors, such as F0 found in fricatives, are rarely among these.
        """
        least = np.median(self.confidence[self.voiced])
        sure = self.voiced & (self.confidence >= least)
        return np.asarray(np.percentile(self.f0[sure], [25, 50, 75]))

    def part(self, frames: slice) -> Pitch:
        """The pitch of a range of frames."""
        return Pitch(self.f0[frames], self.voiced[frames], self.confidence[frames])


class PitchTracker(Protocol):
    """An F0 tracker: T frames at 100 Hz, frame ``i`` centred at ``(i + 0.5) / 100`` s."""

    @property
    def name(self) -> str:
        """Its name in `get_tracker`."""

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; T is `units.samples_to_frames` of its length."""


def in_blocks(track: Callable[[NDArray[np.float32], int, int], Pitch], audio: Audio) -> Pitch:
    """Track overlapping blocks and join their frames without the margins.

    `track` takes samples, their rate and the number of frames.
    """
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
    parts = []
    for block in blocks(num_frames, BLOCK_FRAMES, MARGIN_FRAMES):
        samples = frame_samples(audio, block.first, block.last)
        pitch = track(samples, audio.sample_rate, block.last - block.first).part(block.kept)
        parts.append((pitch.f0, pitch.voiced, pitch.confidence))
    return Pitch(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def limits(f0_range: F0Range) -> tuple[float, float]:
    """Floor and ceiling (Hz); those of `DEFAULT_RANGE` where a limit is None."""
    full = f0_range.fit(DEFAULT_RANGE)
    return full.floor or 0.0, full.ceiling or 0.0


def frame_samples(audio: Audio, start: int, end: int) -> NDArray[np.float32]:
    """Samples of the frames from `start` to `end`; the sound may end before."""
    first, last = (seconds_to_samples(i / FRAME_RATE, audio.sample_rate) for i in (start, end))
    return audio.samples[first:last]


def pad_to_grid(
    samples: NDArray[np.float32], sample_rate: int, num_frames: int
) -> NDArray[np.float32]:
    """Append zeros up to the end of the last frame."""
    missing = seconds_to_samples(num_frames / FRAME_RATE, sample_rate) - samples.size
    return np.pad(samples, (0, max(0, missing)))
