"""Praat's autocorrelation, the default tracker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import parselmouth
from numpy.typing import NDArray

from prosodytok.features.loudness import peak_level
from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, in_blocks, limits
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import FRAME_RATE, seconds_to_samples


@dataclass(frozen=True)
class PraatTracker:
    """Autocorrelation with a Viterbi search over candidates, as Praat does it.

    Praat centres its frames on the sound. Padding with zeros, by half a window less half a hop
    beyond the grid on both sides, aligns them with the prosody grid without interpolation. Silence
    is relative to the `peak_level`, where Praat takes the largest sample, which may be a click.

    Parameters
    ----------
    f0_range : F0Range
        The range in which F0 is searched.
    hop : int
        Frames from one analysis to the next; with more than one, each result is repeated.
    silence_threshold : float
        Peak of a frame, as a share of the peak level, below which it is silent.

    References
    ----------
    P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
    """

    f0_range: F0Range = DEFAULT_RANGE
    hop: int = 1
    silence_threshold: float = 0.03
    name: str = "praat"

    def __call__(self, audio: Audio) -> Pitch:
        """Track a sound; see `PitchTracker`."""
        level = peak_level(audio.samples, audio.sample_rate)
        return in_blocks(partial(self.track, level=level), audio)

    def track(
        self, samples: NDArray[np.float32], sample_rate: int, num_frames: int, level: float
    ) -> Pitch:
        """Track samples in one piece, of a sound with the peak level `level`."""
        floor, ceiling = limits(self.f0_range)
        centred = samples - samples.mean(dtype=np.float64)
        own = np.abs(centred).max()
        if own == 0.0:
            return Pitch(np.zeros(num_frames), np.zeros(num_frames, dtype=bool))
        window = 3 / floor
        step = self.hop / FRAME_RATE
        margin = seconds_to_samples((window - 0.5 * step) / 2, sample_rate)
        analyses = -(-num_frames // self.hop)
        padded = np.zeros(2 * margin + seconds_to_samples(analyses * step, sample_rate))
        inner = padded[margin : padded.size - margin]
        inner[: samples.size] = centred[: inner.size]
        pitch = parselmouth.Sound(padded, sample_rate).to_pitch_ac(
            time_step=step,
            pitch_floor=floor,
            pitch_ceiling=ceiling,
            silence_threshold=self.silence_threshold * level / own,
        )
        f0, strength = (
            np.repeat(pitch.selected_array[name], self.hop)[:num_frames]
            for name in ("frequency", "strength")
        )
        return Pitch(f0, f0 > 0, np.where(f0 > 0, np.clip(strength, 0.0, 1.0), 0.0))
