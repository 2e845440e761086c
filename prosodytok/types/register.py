"""The speaker's register: taken away before learning, put back after."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones, semitones_to_hz

#: F0 assumed where nothing is voiced (Hz): between the usual medians of men and women.
DEFAULT_F0 = 150.0
#: F0 spread assumed where too little is voiced to measure one (semitones).
DEFAULT_SPREAD = 3.0
SPREAD_LIMITS = (1.0, 8.0)
RANGE_LIMITS = (15.0, 60.0)
#: No number of a register is larger, and none that must be positive is smaller than one over this:
#: with those beyond, sums are no longer finite.
MOST = 1e6


@dataclass(frozen=True)
class Register:
    """Robust statistics of a voice and its recording, kept beside the tokens, never inside them.

    Parameters
    ----------
    f0_median_hz : float
        Median F0 over voiced frames (Hz).
    f0_spread_st : float
        Half the distance between the 10th and 90th percentile of F0 over voiced frames (semitones).
    energy_level_db : float
        90th percentile of the energy (dB): how loud the speech is recorded.
    energy_range_db : float
        Distance from there down to the 5th percentile (dB): how deep the pauses are.
    word_rate_hz : float
        Words per second.
    """

    f0_median_hz: float = DEFAULT_F0
    f0_spread_st: float = DEFAULT_SPREAD
    energy_level_db: float = -20.0
    energy_range_db: float = 40.0
    word_rate_hz: float = 3.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = float(getattr(self, field.name))
            positive = field.name != "energy_level_db"
            if not abs(value) <= MOST or (positive and value < 1 / MOST):
                raise TokenError(f"register: {field.name} is {value}, which no voice has")
            object.__setattr__(self, field.name, value)

    @classmethod
    def estimate(cls, *utterances: Prosody) -> Register:
        """Estimate a register from one utterance, or from several of the same speaker.

        `word_rate_hz` keeps its default: prosody alone has no words (see `with_word_rate`).
        Where nothing is voiced, F0 statistics keep their defaults too.
        """
        energy = np.concatenate([p.energy for p in utterances])
        low, level = np.percentile(energy, [5, 90])
        register = cls(
            energy_level_db=level, energy_range_db=float(np.clip(level - low, *RANGE_LIMITS))
        )
        f0 = np.concatenate([p.f0[p.voiced] for p in utterances])
        if f0.size == 0:
            return register
        median = float(np.median(f0))
        low, high = np.percentile(hz_to_semitones(f0, median), [10, 90])
        # A handful of voiced frames says where the voice is, but not how far it ranges.
        spread = (high - low) / 2 if f0.size >= 10 else DEFAULT_SPREAD
        spread = float(np.clip(spread, *SPREAD_LIMITS))
        return replace(register, f0_median_hz=median, f0_spread_st=spread)

    def with_word_rate(self, num_words: int, duration: float) -> Register:
        """Return this register with the rate of `num_words` in `duration` seconds."""
        return replace(self, word_rate_hz=num_words / duration)

    def to_dict(self) -> dict[str, float]:
        """The fields by name, as the JSONL holds them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, float]) -> Register:
        """Read what `to_dict` gave; absent fields take their defaults, unknown ones are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: float(v) for k, v in values.items() if k in known})


def normalize(prosody: Prosody, register: Register) -> NDArray[np.float32]:
    """Take the register out of a prosody.

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
    """Put a register back: the inverse of `normalize`, with shapes (T,)."""
    hz = semitones_to_hz(f0 * register.f0_spread_st, register.f0_median_hz)
    return Prosody(hz, voiced, energy * register.energy_range_db + register.energy_level_db)
