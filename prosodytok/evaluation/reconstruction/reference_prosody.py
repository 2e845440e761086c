"""Reference for reconstruction errors: plain trackers on the sound, and the flat baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prosodytok.features import extract
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import F0Range
from prosodytok.types.prosody import Prosody

#: Tracker that confirms the reference frame by frame.
SECOND_TRACKER = "swift-f0"
#: The range of the reference, unless another is given.
REFERENCE_RANGE = F0Range(75.0, 500.0)


@dataclass(frozen=True)
class Reference:
    """Reference prosody of one sound.

    Parameters
    ----------
    prosody : Prosody
        F0 and voicing by Praat's autocorrelation, 75 to 500 Hz or in the given range, without the
        octave correction of the tokenizer's own features. Energy in 25 ms Hann windows.
    second : Prosody
        The same by SwiftF0.
    audio : Audio
        The sound.
    """

    prosody: Prosody
    second: Prosody
    audio: Audio


def measure_reference(audio: Audio, f0_range: F0Range = REFERENCE_RANGE) -> Reference:
    """Measure the reference prosody of a sound, F0 in a range; see `Reference`."""
    limits = f0_range.fit(REFERENCE_RANGE)
    second = extract(audio, SECOND_TRACKER, octave_correction=False, f0_range=limits)
    return Reference(reference_prosody(audio, limits), second, audio)


def reference_prosody(audio: Audio, f0_range: F0Range) -> Prosody:
    """F0 and voicing by Praat in a range, without repair, and energy."""
    return extract(audio, octave_correction=False, f0_range=f0_range)


def flat_prosody(prosody: Prosody) -> Prosody:
    """Trivial baseline: the median of F0, always voiced, the mean of the energy."""
    voiced = prosody.f0[prosody.voiced]
    median = np.median(voiced if voiced.size else prosody.f0)
    ones = np.ones(prosody.num_frames, dtype=np.float32)
    return Prosody(ones * median, ones > 0, ones * prosody.energy.mean(), prosody.frame_rate)
