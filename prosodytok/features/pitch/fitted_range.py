"""The range in which F0 is searched, fitted to the speaker."""

from __future__ import annotations

import numpy as np

from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, limits
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import CEILING_LIMIT, FITTED, FLOOR_LIMIT, F0Range

#: The range of the first pass: all voices.
FIRST_PASS = F0Range(FLOOR_LIMIT, CEILING_LIMIT)
#: Frames from one analysis to the next in the first pass: quartiles need no more.
FIRST_HOP = 4
#: The floor as a share of the first quartile, and the ceiling of the third.
FLOOR_SHARE, CEILING_SHARE = 0.7, 2.5
#: The highest floor (Hz): creak of any voice is found.
HIGHEST_FLOOR = 75.0
#: Voiced frames that a fit needs.
MIN_VOICED = 10


def search_range(audio: Audio, given: F0Range = FITTED) -> tuple[F0Range, tuple[str, ...]]:
    """The range for a sound: the given limits, and where they are None, fitted ones.

    The first pass of Praat's tracker, from 40 to 1000 Hz, gives the quartiles of F0.

    Returns
    -------
    F0Range
        With both limits.
    tuple of str
        A sentence if the median of the first pass lies outside of the range.

    References
    ----------
    C. De Looze, D. Hirst, "Detecting changes in key and range for the automatic modelling and
    coding of intonation", Speech Prosody 2008: two passes, 0.75 and 1.5 times the quartiles. Here
    the range is wider, since a second tracker resolves doubts; see `confirm`.
    """
    first = PraatTracker(FIRST_PASS, FIRST_HOP)(audio)
    found = given.fit(fit_range(first))
    floor, ceiling = limits(found)
    if first.voiced.sum() < MIN_VOICED or floor <= (median := first.quartiles()[1]) <= ceiling:
        return found, ()
    return found, (
        f"the voice, at {median:.0f} Hz, lies outside of the range of F0, {floor:.0f} to "
        f"{ceiling:.0f} Hz",
    )


def fit_range(pitch: Pitch) -> F0Range:
    """The range fitted to a pitch; `DEFAULT_RANGE` if less than 0.1 s of it is voiced."""
    if pitch.voiced.sum() < MIN_VOICED:
        return DEFAULT_RANGE
    first, third = np.percentile(pitch.f0[pitch.voiced], [25, 75])
    return F0Range(
        float(np.clip(FLOOR_SHARE * first, FLOOR_LIMIT, HIGHEST_FLOOR)),
        float(min(CEILING_LIMIT, CEILING_SHARE * third)),
    )
