"""The range in which F0 is searched, fitted to the speaker."""

from __future__ import annotations

from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import CEILING_LIMIT, FITTED, FLOOR_LIMIT, F0Range

#: The range of the first pass: all voices.
FIRST_PASS = F0Range(FLOOR_LIMIT, CEILING_LIMIT)
#: Frames from one analysis to the next in the first pass: quartiles need no more.
FIRST_HOP = 4
#: The floor as a share of the first quartile, and the ceiling of the third. The floor is low enough
#: for creak, and for a voice whose first pass is an octave too high: 45 Hz, found at 90 Hz.
FLOOR_SHARE, CEILING_SHARE = 0.49, 2.5
#: Voiced frames that a fit needs.
MIN_VOICED = 10


def search_range(audio: Audio, given: F0Range = FITTED) -> F0Range:
    """The range for a sound: the given limits, and where they are None, fitted ones.

    The first pass of Praat's tracker, from 40 to 1000 Hz, gives the quartiles of F0.

    References
    ----------
    C. De Looze, D. Hirst, "Detecting changes in key and range for the automatic modelling and
    coding of intonation", Speech Prosody 2008: two passes, 0.75 and 1.5 times the quartiles. Here
    the range is wider, since a second tracker resolves doubts; see `confirm`.
    """
    if given.floor is not None and given.ceiling is not None:
        return given
    first = PraatTracker(FIRST_PASS, FIRST_HOP)(audio)
    return given.fit(fit_range(first))


def fit_range(pitch: Pitch) -> F0Range:
    """The range fitted to a pitch; `DEFAULT_RANGE` if less than 0.1 s of it is voiced."""
    if pitch.voiced.sum() < MIN_VOICED:
        return DEFAULT_RANGE
    first, _, third = pitch.quartiles()
    return F0Range(
        float(max(FLOOR_LIMIT, FLOOR_SHARE * first)),
        float(min(CEILING_LIMIT, CEILING_SHARE * third)),
    )
