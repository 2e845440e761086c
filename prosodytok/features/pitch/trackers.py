"""Pitch trackers behind one Protocol, all on the prosody grid of 100 frames a second."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

import numpy as np
import parselmouth
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ConfigError, require
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import FRAME_RATE, frame_times, samples_to_frames, seconds_to_samples

#: The range in which F0 is searched (Hz).
F0_FLOOR, F0_CEILING = 75.0, 500.0

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
    """

    f0: NDArray[np.float64]
    voiced: NDArray[np.bool_]


class PitchTracker(Protocol):
    """An F0 tracker: T frames at 100 Hz, frame ``i`` centred at ``(i + 0.5) / 100`` s."""

    @property
    def name(self) -> str:
        """Its name in `get_tracker`."""

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; T is `units.samples_to_frames` of its length."""


@dataclass(frozen=True)
class PraatTracker:
    """Autocorrelation with a Viterbi search over candidates, as Praat does it.

    Praat centres its frames on the sound. Padding with zeros, by half a window less half a hop
    beyond the grid on both sides, aligns them with the prosody grid without interpolation.

    References
    ----------
    P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
    """

    floor_hz: float = F0_FLOOR
    ceiling_hz: float = F0_CEILING
    silence_threshold: float = 0.03
    name: str = "praat"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`."""
        # Praat defines silence relative to the loudest sample of the whole sound.
        global_peak = peak(audio.samples)

        def track(samples: NDArray[np.float32], num_frames: int) -> Pitch:
            return self.track(samples, audio.sample_rate, num_frames, global_peak)

        return _in_blocks(track, audio)

    def track(
        self, samples: NDArray[np.float32], sample_rate: int, num_frames: int, global_peak: float
    ) -> Pitch:
        """Track samples in one piece, of a sound whose peak is `global_peak`."""
        own = peak(samples)
        if own == 0.0:
            return Pitch(np.zeros(num_frames), np.zeros(num_frames, dtype=bool))
        window = 3 / self.floor_hz
        margin = seconds_to_samples((window - 0.5 / FRAME_RATE) / 2, sample_rate)
        padded = np.zeros(2 * margin + seconds_to_samples(num_frames / FRAME_RATE, sample_rate))
        inner = padded[margin : padded.size - margin]
        inner[: samples.size] = samples[: inner.size]
        pitch = parselmouth.Sound(padded, sample_rate).to_pitch_ac(
            time_step=1 / FRAME_RATE,
            pitch_floor=self.floor_hz,
            pitch_ceiling=self.ceiling_hz,
            silence_threshold=self.silence_threshold * global_peak / own,
        )
        f0 = pitch.selected_array["frequency"]
        return Pitch(f0, f0 > 0)


@dataclass(frozen=True)
class WorldTracker:
    """World's DIO refined by StoneMask, or Harvest: every second of its 5 ms frames.

    References
    ----------
    M. Morise, H. Kawahara, H. Katayose, "Fast and reliable F0 estimation method based on the period
    extraction of vocal fold vibration of singing voice and speech", AES 35th conference, 2009.
    M. Morise, "Harvest: a high-performance fundamental frequency estimator from speech signals",
    Interspeech 2017.
    """

    floor_hz: float = F0_FLOOR
    ceiling_hz: float = F0_CEILING
    harvest: bool = False

    @property
    def name(self) -> str:
        """``"harvest"`` or ``"world"``."""
        return "harvest" if self.harvest else "world"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`."""

        def track(samples: NDArray[np.float32], num_frames: int) -> Pitch:
            return self._track(samples, audio.sample_rate, num_frames)

        return _in_blocks(track, audio)

    def _track(self, samples: NDArray[np.float32], sample_rate: int, num_frames: int) -> Pitch:
        world = import_world()
        padded = _pad_to_grid(samples, sample_rate, num_frames).astype(np.float64)
        find = world.harvest if self.harvest else world.dio
        f0, times = find(
            padded, sample_rate, f0_floor=self.floor_hz, f0_ceil=self.ceiling_hz, frame_period=5.0
        )
        if not self.harvest:
            f0 = world.stonemask(padded, f0, times, sample_rate)
        f0 = f0[1::2][:num_frames]
        return Pitch(f0, f0 > 0)


@dataclass(frozen=True)
class SwiftF0Tracker:
    """SwiftF0, a small neural tracker with a hop of 16 ms, resampled to the prosody grid.

    F0 is interpolated (in its logarithm) only where both neighbours are voiced; voicing is that of
    the nearer neighbour.

    References
    ----------
    L. Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", arXiv:2508.18440, 2025.
    """

    floor_hz: float = F0_FLOOR
    ceiling_hz: float = F0_CEILING
    name: str = "swift-f0"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`.

        Raises
        ------
        MissingExtraError
            If swift-f0 is not installed.
        """
        num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
        samples = _pad_to_grid(audio.samples, audio.sample_rate, num_frames)
        found = _swift_detector().detect(samples, audio.sample_rate, self.floor_hz, self.ceiling_hz)
        voiced = found.confidence >= 0.5
        times = frame_times(num_frames)
        place = np.interp(times, found.timestamps, np.arange(voiced.size))
        nearest = np.floor(place + 0.5).astype(int)
        both = voiced[np.floor(place).astype(int)] & voiced[np.ceil(place).astype(int)]
        between = np.exp(np.interp(place, np.arange(voiced.size), np.log(found.pitch_hz)))
        return Pitch(np.where(both, between, found.pitch_hz[nearest]), voiced[nearest])


@cache
def get_tracker(name: str) -> PitchTracker:
    """Return the tracker of this name, with F0 between 75 and 500 Hz.

    Parameters
    ----------
    name : {"praat", "world", "harvest", "swift-f0"}
        Praat's autocorrelation, World's DIO + StoneMask, World's Harvest (accurate, a hundred times
        slower than Praat), SwiftF0 (needs the extra ``swift-f0``).

    Raises
    ------
    ConfigError
        If there is no tracker of this name.
    """
    trackers: dict[str, PitchTracker] = {
        "praat": PraatTracker(),
        "world": WorldTracker(),
        "harvest": WorldTracker(harvest=True),
        "swift-f0": SwiftF0Tracker(),
    }
    if name not in trackers:
        raise ConfigError(f"unknown pitch tracker {name!r}; the trackers are {', '.join(trackers)}")
    return trackers[name]


def with_range(tracker: Any, f0_range: F0Range | None) -> Any:
    """The tracker with another range; limits that are None are unchanged."""
    if f0_range is None:
        return tracker
    limits = f0_range.fill(F0Range(tracker.floor_hz, tracker.ceiling_hz))
    return replace(tracker, floor_hz=limits.floor, ceiling_hz=limits.ceiling)


def _in_blocks(
    track: Callable[[NDArray[np.float32], int], Pitch],
    audio: Audio,
) -> Pitch:
    """Track overlapping blocks and keep their frames without the margins."""
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
    f0, voiced = np.empty(num_frames), np.empty(num_frames, dtype=bool)
    for block in blocks(num_frames, BLOCK_FRAMES, MARGIN_FRAMES):
        samples = slice(
            seconds_to_samples(block.first / FRAME_RATE, audio.sample_rate),
            seconds_to_samples(block.last / FRAME_RATE, audio.sample_rate),
        )
        pitch = track(audio.samples[samples], block.last - block.first)
        f0[block.start : block.end] = pitch.f0[block.kept]
        voiced[block.start : block.end] = pitch.voiced[block.kept]
    return Pitch(f0, voiced)


def _pad_to_grid(
    samples: NDArray[np.float32], sample_rate: int, num_frames: int
) -> NDArray[np.float32]:
    missing = seconds_to_samples(num_frames / FRAME_RATE, sample_rate) - samples.size
    return np.pad(samples, (0, max(0, missing)))


def peak(samples: NDArray[np.float32]) -> float:
    """Praat's global peak: the largest distance from the mean."""
    mean = samples.mean(dtype=np.float64)
    return float(max(samples.max() - mean, mean - samples.min()))


def import_world() -> Any:
    """Import pyworld without its deprecation warning about pkg_resources."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import pyworld

    return pyworld


@cache
def _swift_detector() -> Any:
    return require("swift_f0", "swift-f0").SwiftF0(threads=1, spin=False)
