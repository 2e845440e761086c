"""The register of a voice from the first half second of it: all that a stream can wait for."""

from __future__ import annotations

import numpy as np

from prosodytok.features.streaming_prosody import HOP
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import RANGE_LIMITS, SPREAD_LIMITS, Register
from prosodytok.types.units import hz_to_semitones, seconds_to_frames, semitones_to_hz

#: Voiced frames that are waited for.
VOICED_FRAMES = seconds_to_frames(0.5)
#: Utterances begin high: semitones by which the median of all lies below that of the opening.
DECLINATION = 1.2
#: What half a second tells of a whole utterance, by least squares over the training speech: its
#: spread of F0 is this share of the opening's, and so many semitones; likewise the range (dB).
SPREAD, RANGE = (0.46, 2.3), (0.59, 16.4)
#: The level of energy lies this far (dB) under the 75th percentile of the voiced frames.
LEVEL_BELOW_VOICE = 0.5


def register_of_opening(prosody: Prosody) -> Register:
    """The register that a stream of this prosody fixes after half a second of voice."""
    heard = np.searchsorted(np.cumsum(prosody.voiced), VOICED_FRAMES) + 1
    return estimate_opening(prosody.part(slice(-(-int(heard) // HOP) * HOP)))


def estimate_opening(opening: Prosody) -> Register:
    """Guess a voice's register in the whole utterance from its opening.

    Where less than half a second is voiced, `Register.estimate` is what there is.
    """
    register = Register.estimate(opening)
    voiced = opening.voiced
    if voiced.sum() < VOICED_FRAMES:
        return register
    f0 = opening.f0[voiced]
    median = float(np.median(f0))
    low, high = np.percentile(hz_to_semitones(f0, median), [10, 90])
    loud = float(np.percentile(opening.energy[voiced], 75))
    depth = float(np.percentile(opening.energy[voiced], 90) - np.percentile(opening.energy, 5))
    return Register(
        semitones_to_hz(-DECLINATION, median),
        float(np.clip(SPREAD[0] * (high - low) / 2 + SPREAD[1], *SPREAD_LIMITS)),
        loud - LEVEL_BELOW_VOICE,
        float(np.clip(RANGE[0] * depth + RANGE[1], *RANGE_LIMITS)),
    )
