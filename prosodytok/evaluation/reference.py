"""What quality is measured against: plain trackers on the sound, and the trivial baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prosodytok.features import extract
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError
from prosodytok.types.prosody import Prosody

#: The tracker that says where the reference can be trusted.
SECOND_TRACKER = "swift-f0"


@dataclass(frozen=True)
class Reference:
    """One sound and what it truly did.

    Parameters
    ----------
    prosody : Prosody
        F0 and voicing by Praat's autocorrelation, 75 to 500 Hz, as it comes: without the octave
        guard that the tokenizer's own features have. Energy in 25 ms Hann windows.
    second : Prosody or None
        The same by SwiftF0; None where it is not installed.
    audio : Audio
        The sound.
    """

    prosody: Prosody
    second: Prosody | None
    audio: Audio


def reference(audio: Audio) -> Reference:
    """Measure what a sound truly did; see `Reference`."""
    return Reference(extract(audio, octave_correction=False), _second(audio), audio)


def flat(prosody: Prosody) -> Prosody:
    """The trivial baseline: the median of F0, always voiced, the mean of the energy."""
    voiced = prosody.f0[prosody.voiced]
    median = np.median(voiced if voiced.size else prosody.f0)
    ones = np.ones(prosody.num_frames, dtype=np.float32)
    return Prosody(ones * median, ones > 0, ones * prosody.energy.mean(), prosody.frame_rate)


def _second(audio: Audio) -> Prosody | None:
    try:
        return extract(audio, SECOND_TRACKER, octave_correction=False)
    except MissingExtraError:
        return None
