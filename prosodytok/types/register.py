"""The speaker's register: features are normalised by it, and decoded prosody is denormalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import NEPERS, hz_to_semitones, semitones_to_hz

#: F0 of sounds without voiced frames (Hz): between the usual medians of men and women.
DEFAULT_F0 = 150.0
#: F0 spread of sounds with too few voiced frames to measure it (semitones).
DEFAULT_SPREAD = 3.0
SPREAD_LIMITS = (1.0, 8.0)
#: Distance (dB) from the 75th percentile of voiced frames down to the energy level.
LEVEL_BELOW_VOICE = 0.5
#: Level of the noise (dB) where there is none, or it is not known.
NO_NOISE = -200.0
#: The noise level is this percentile of the energy of frames above digital silence (dB).
NOISE_PERCENTILE, DIGITAL_SILENCE = 2, -100.0
#: Largest magnitude of a value; positive values must be at least 1 / MAX_VALUE. Larger or smaller
#: values overflow in sums.
MAX_VALUE = 1e6


@dataclass(frozen=True)
class Register:
    """Robust statistics of a voice and its recording, stored beside the tokens.

    All but the noise level are measured in voiced speech alone, so that silence, noise and clicks
    change none of them.

    Parameters
    ----------
    f0_median_hz : float
        Median F0 over voiced frames (Hz).
    f0_spread_st : float
        Half the distance between the 10th and 90th percentile of F0 over voiced frames (semitones).
    energy_level_db : float
        Speech level (dB): half a decibel under the 75th percentile of the energy of voiced frames.
    energy_range_db : float
        Scale of the energy (dB). `estimate` leaves its default: the depth of pauses is that of the
        recording's noise, not of the voice.
    word_rate_hz : float
        Words per second of speech, without pauses.
    noise_level_db : float
        Level (dB) of the recording's noise, that of its softest parts but for digital silence.
        Decoded energy does not fall below it.
    """

    f0_median_hz: float = DEFAULT_F0
    f0_spread_st: float = DEFAULT_SPREAD
    energy_level_db: float = -20.0
    energy_range_db: float = 40.0
    word_rate_hz: float = 3.0
    noise_level_db: float = NO_NOISE

    def __post_init__(self) -> None:
        for field in fields(self):
            value = float(getattr(self, field.name))
            positive = field.name not in {"energy_level_db", "noise_level_db"}
            if not abs(value) <= MAX_VALUE or (positive and value < 1 / MAX_VALUE):
                raise TokenError(f"register: {field.name} is {value}, out of range for any voice")
            object.__setattr__(self, field.name, value)

    @classmethod
    def estimate(cls, *utterances: Prosody) -> Register:
        """Estimate a register from one utterance, or from several of the same speaker.

        `word_rate_hz` keeps its default, since a prosody has no words (see `with_word_rate`).
        Without voiced frames so do the F0 statistics, and the level is the 90th percentile of all
        frames.
        """
        f0 = np.concatenate([p.f0[p.voiced] for p in utterances])
        if f0.size == 0:
            energy = np.concatenate([p.energy for p in utterances])
            return cls(energy_level_db=float(np.percentile(energy, 90)))
        voice = np.concatenate([p.energy[p.voiced] for p in utterances])
        register = cls(energy_level_db=float(np.percentile(voice, 75)) - LEVEL_BELOW_VOICE)
        # A few voiced frames suffice for the median, but not for the spread.
        spread = f0_spread(f0) if f0.size >= 10 else DEFAULT_SPREAD
        return replace(
            register,
            f0_median_hz=float(np.median(f0)),
            f0_spread_st=float(np.clip(spread, *SPREAD_LIMITS)),
            noise_level_db=_noise_level(utterances),
        )

    def with_word_rate(self, num_words: int, duration: float) -> Register:
        """Return this register with the rate of `num_words` in `duration` seconds."""
        return replace(self, word_rate_hz=num_words / duration)

    def to_dict(self) -> dict[str, float]:
        """The fields by name, as in a token file; the noise level only if it is known."""
        values = asdict(self)
        if self.noise_level_db <= NO_NOISE:
            del values["noise_level_db"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, float]) -> Register:
        """Inverse of `to_dict`; absent fields take their defaults, unknown ones are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: float(v) for k, v in values.items() if k in known})


def _noise_level(utterances: Sequence[Prosody]) -> float:
    """Level (dB) of the noise, measured without digital silence, which may be appended."""
    energy = np.concatenate([p.energy for p in utterances])
    energy = energy[energy > DIGITAL_SILENCE]
    return float(np.percentile(energy, NOISE_PERCENTILE)) if energy.size else NO_NOISE


def add_noise(energy: NDArray[np.floating], noise: float) -> NDArray[np.floating]:
    """Level (dB) of a sound of this energy (dB) and of noise (dB) together."""
    if noise <= NO_NOISE:
        return energy
    return np.asarray(np.logaddexp(energy * NEPERS, noise * NEPERS) / NEPERS)


def f0_spread(f0: NDArray[np.floating]) -> float:
    """Half the distance between the 10th and 90th percentile of F0 (Hz), in semitones."""
    low, high = np.percentile(hz_to_semitones(f0, 1.0), [10, 90])
    return float(high - low) / 2


def normalize(prosody: Prosody, register: Register) -> NDArray[np.float32]:
    """Normalise a prosody by a register.

    Returns
    -------
    (T, 3) float32
        F0 in spreads above the median; voicing as 0 or 1; energy in ranges above the level.
    """
    f0 = hz_to_semitones(prosody.f0, register.f0_median_hz) / register.f0_spread_st
    energy = (prosody.energy - register.energy_level_db) / register.energy_range_db
    return np.stack([f0, prosody.voiced, energy], axis=1).astype(np.float32)


def denormalize(
    f0: NDArray[np.float32],
    voiced: NDArray[np.bool_],
    energy: NDArray[np.float32],
    register: Register,
) -> Prosody:
    """Inverse of `normalize` for arrays of shape (T,), with the register's noise under it."""
    hz = semitones_to_hz(f0 * register.f0_spread_st, register.f0_median_hz)
    decibels = energy * register.energy_range_db + register.energy_level_db
    return Prosody(hz, voiced, add_noise(decibels, register.noise_level_db))
