"""The register of a voice estimated from its first half second, for streaming."""

from __future__ import annotations

import numpy as np

from prosodytok.features.streaming_prosody import HOP
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import LEVEL_BELOW_VOICE, SPREAD_LIMITS, Register
from prosodytok.types.units import hz_to_semitones, seconds_to_frames, semitones_to_hz

#: Voiced frames that the estimate needs.
VOICED_FRAMES = seconds_to_frames(0.5)
#: Declination: semitones from the median of the beginning down to that of the whole utterance.
DECLINATION = 1.2
#: Least-squares regression of a whole utterance's F0 spread (semitones) and energy range (dB) on
#: those of its beginning, over the training speech: slope and intercept.
SPREAD, RANGE = (0.46, 2.3), (0.59, 16.4)
#: Limits of the energy range (dB).
RANGE_LIMITS = (15.0, 60.0)


def initial_register(prosody: Prosody) -> Register:
    """The register that streaming uses, fixed after half a second of voice."""
    needed = np.searchsorted(np.cumsum(prosody.voiced), VOICED_FRAMES) + 1
    return predict_register(prosody.part(slice(-(-int(needed) // HOP) * HOP)))


def predict_register(beginning: Prosody) -> Register:
    """Predict the register of a whole utterance from its beginning.

    Its energy range, to which causal checkpoints and the online segmenter are fitted, is that of
    the beginning. It is fixed before the sound ends, so nothing that follows can change it.

    With less than half a second of voice the result is that of `Register.estimate`.
    """
    register = Register.estimate(beginning)
    voiced = beginning.voiced
    if voiced.sum() < VOICED_FRAMES:
        return register
    f0 = beginning.f0[voiced]
    median = float(np.median(f0))
    low, high = np.percentile(hz_to_semitones(f0, median), [10, 90])
    loud = float(np.percentile(beginning.energy[voiced], 75))
    depth = float(np.percentile(beginning.energy[voiced], 90) - np.percentile(beginning.energy, 5))
    return Register(
        semitones_to_hz(-DECLINATION, median),
        float(np.clip(SPREAD[0] * (high - low) / 2 + SPREAD[1], *SPREAD_LIMITS)),
        loud - LEVEL_BELOW_VOICE,
        float(np.clip(RANGE[0] * depth + RANGE[1], *RANGE_LIMITS)),
    )
