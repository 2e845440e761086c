"""Inputs of the boundary network: log-mel and prosody of single frames of 10 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.features.mel import NUM_BANDS, log_mel_part
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.units import NEPERS, hz_to_semitones

#: Inputs of a frame: log-mel bands, F0, voicing, energy.
INPUTS = NUM_BANDS + 3
#: Log-mel (natural logarithm of power) of white noise with an energy of 0 dB.
FULL_SCALE = 10.56
#: Floor of the bands re the speech level (-70 dB), and their highest value.
FLOOR, CEILING = -16.0, 8.0
#: The mean spectrum of voiced speech re its level, over bands from -1 to 1: constant, slope,
#: curvature; it counts as much as PRIOR_FRAMES frames of the recording's own.
PRIOR = (-9.4, -2.7, 1.6)
PRIOR_FRAMES = 25
#: Spread of log-mel about the mean, the same for all bands.
SPREAD = 2.9
#: Semitones and decibels of an input of 1.
F0_SCALE, ENERGY_SCALE = 6.0, 40.0
#: Limits of these inputs. The energy of digital silence is under the lower one.
F0_LIMIT, ENERGY_LIMITS = 2.0, (-1.25, 0.5)
#: Frames whose mean spectrum is measured at once.
BLOCK_FRAMES = 6000

Array = NDArray[np.float32]


class BoundaryInputs:
    """The network's inputs for a sound, computed part by part: whole, hours would take gigabytes.

    All are relative to voiced speech (`Register.estimate`, and the mean spectrum of its frames), so
    that neither level nor silence changes them. Around the sound is digital silence.

    Parameters
    ----------
    audio : Audio
        The sound.
    prosody : Prosody
        Its prosody, T frames.
    """

    def __init__(self, audio: Audio, prosody: Prosody) -> None:
        register = Register.estimate(prosody)
        self._samples = audio.resample(SAMPLE_RATE).samples
        self._level = speech_level(register)
        self._prosody = relative_prosody(prosody, register)
        self._mean = self._mean_spectrum(speech_frames(prosody, register))

    def __len__(self) -> int:
        return len(self._prosody)

    def part(self, first: int, last: int) -> Array:
        """Inputs of the frames `first` to `last` - 1, (last - first, INPUTS) float32.

        Frames before 0 and from T on are those of digital silence; some must be of the sound.
        """
        inside = slice(max(first, 0), min(last, len(self)))
        mel = self._mel(inside.start, inside.stop)
        rows = np.concatenate([normalize_mel(mel, self._mean), self._prosody[inside]], axis=1)
        before = silence(self._mean, inside.start - first)
        return np.concatenate([before, rows, silence(self._mean, last - inside.stop)])

    def _mel(self, first: int, last: int) -> Array:
        """Log-mel re the speech level."""
        return log_mel_part(self._samples, first, last) - np.float32(self._level)

    def _mean_spectrum(self, speech: NDArray[np.bool_]) -> Array:
        total = np.zeros(NUM_BANDS)
        for block in blocks(len(speech), BLOCK_FRAMES):
            kept = self._mel(block.start, block.end)[speech[block.start : block.end]]
            total += limit_mel(kept).sum(axis=0, dtype=np.float64)
        return mean_spectrum(total, int(np.count_nonzero(speech)))


def speech_level(register: Register) -> float:
    """Log-mel of all bands together at the level of speech."""
    return float(FULL_SCALE + NEPERS * register.energy_level_db)


def speech_frames(prosody: Prosody, register: Register) -> NDArray[np.bool_]:
    """Voiced frames, (T,); where none is, the loudest."""
    if prosody.voiced.any():
        return prosody.voiced
    return np.asarray(prosody.energy >= register.energy_level_db)


def relative_prosody(prosody: Prosody, register: Register) -> Array:
    """F0 re its median (0 where there is none), voicing, and energy re its level, (T, 3)."""
    f0 = hz_to_semitones(prosody.f0, register.f0_median_hz) / F0_SCALE
    energy = (prosody.energy - register.energy_level_db) / ENERGY_SCALE
    columns = (
        np.where(prosody.voiced, f0.clip(-F0_LIMIT, F0_LIMIT), 0),
        prosody.voiced,
        energy.clip(*ENERGY_LIMITS),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def mean_spectrum(total: NDArray[np.floating], count: int) -> Array:
    """Mean of each band from its sum over `count` frames, drawn to average speech if they are few.

    Returns (80,) float32.
    """
    average = np.polyval(PRIOR[::-1], np.linspace(-1, 1, NUM_BANDS))
    mean = (total + PRIOR_FRAMES * average) / (count + PRIOR_FRAMES)
    return np.asarray(mean, dtype=np.float32)


def limit_mel(mel: Array) -> Array:
    """Log-mel re the speech level within its limits."""
    return mel.clip(FLOOR, CEILING)


def normalize_mel(mel: Array, mean: Array) -> Array:
    """Inputs (., 80) from log-mel re the speech level: mean about 0, spread about 1 in speech."""
    return (limit_mel(mel) - mean) / np.float32(SPREAD)


def silence(mean: Array, count: int) -> Array:
    """Inputs of `count` frames of digital silence."""
    mel = normalize_mel(np.full((count, NUM_BANDS), FLOOR, dtype=np.float32), mean)
    prosody = np.tile(np.array([0, 0, ENERGY_LIMITS[0]], dtype=np.float32), (count, 1))
    return np.concatenate([mel, prosody], axis=1)
