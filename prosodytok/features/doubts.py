"""What is doubtful about a measured prosody, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from prosodytok.features.loudness import robust_maximum
from prosodytok.features.two_voices import two_voices
from prosodytok.types.f0_range import CEILING_LIMIT, FLOOR_LIMIT
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import SPREAD_LIMITS, f0_spread
from prosodytok.types.units import seconds_to_frames

#: Less voice than this (frames, and share of all frames) is nearly none.
LITTLE_VOICE, LITTLE_SHARE = seconds_to_frames(0.15), 0.03
#: F0 piles up at a limit if this share of the voiced frames lies within this ratio of it.
AT_LIMIT, NEAR = 0.1, 1.03
#: Sound is loud if it lies less than this (dB) under the loudest, and doubtful if a smaller share
#: of it is voiced.
LOUD, LOUD_SHARE = 12.0, 0.17
#: Half the distance (semitones) between the 10th and 90th percentile of F0 that no voice keeps.
TONE_SPREAD = 0.03
#: F0 of mains hum (Hz) and its ratio to it; share of the voiced frames from which it is doubtful;
#: and their energy under that of the others (dB), as in pauses.
MAINS, MAINS_RATIO, MAINS_SHARE, MAINS_ENERGY = (50.0, 60.0), 1.03, 0.1, 10.0


def doubts(prosody: Prosody) -> tuple[str, ...]:
    """Sentences about what is doubtful; none if all is well."""
    voiced = int(prosody.voiced.sum())
    if voiced < max(LITTLE_VOICE, LITTLE_SHARE * prosody.num_frames):
        seconds, all_seconds = (x / prosody.frame_rate for x in (voiced, prosody.num_frames))
        return (f"nearly no voice: {seconds:.2f} of {all_seconds:.2f} s are voiced",)
    return (
        *(tuple(_at_limits(prosody)) or _tone(prosody)),
        *_unvoiced(prosody),
        *_hum(prosody),
        *_spread(prosody),
        *_voices(prosody),
    )


def _at_limits(prosody: Prosody) -> Iterator[str]:
    """F0 that piles up at the floor or the ceiling of its search."""
    f0 = prosody.f0[prosody.voiced]
    floor, ceiling = prosody.f0_floor, prosody.f0_ceiling
    if floor and (share := np.mean(f0 < floor * NEAR)) > AT_LIMIT:
        way = "no voice is lower" if floor <= FLOOR_LIMIT else "lower it by --f0-floor"
        yield f"{share:.0%} of F0 lies at the floor of {floor:.0f} Hz: {way}"
    if ceiling and (share := np.mean(f0 > ceiling / NEAR)) > AT_LIMIT:
        way = "no voice is higher" if ceiling >= CEILING_LIMIT else "raise it by --f0-ceiling"
        yield f"{share:.0%} of F0 lies at the ceiling of {ceiling:.0f} Hz: {way}"


def _tone(prosody: Prosody) -> Iterator[str]:
    """F0 that does not move."""
    f0 = prosody.f0[prosody.voiced]
    if f0_spread(f0) < TONE_SPREAD:
        yield f"F0 stays at {np.median(f0):.0f} Hz: is it a tone?"


def _unvoiced(prosody: Prosody) -> Iterator[str]:
    """Loud sound without F0, as in a whisper, or where the range does not fit the voice."""
    is_loud = prosody.energy > robust_maximum(prosody.energy) - LOUD
    share = np.mean(prosody.voiced[is_loud]) if is_loud.sum() >= LITTLE_VOICE else 1.0
    if share < LOUD_SHARE:
        low, high = prosody.f0_floor, prosody.f0_ceiling
        where = f", or is F0 outside of {low:.0f} to {high:.0f} Hz" if low and high else ""
        yield f"{share:.0%} of the loud sound is voiced: is it a whisper or noise{where}?"


def _hum(prosody: Prosody) -> Iterator[str]:
    """F0 of mains hum in the pauses."""
    f0, energy = prosody.f0[prosody.voiced], prosody.energy[prosody.voiced]
    for hz in MAINS:
        is_hum = (f0 > hz / MAINS_RATIO) & (f0 < hz * MAINS_RATIO)
        share = np.mean(is_hum)
        if not MAINS_SHARE < share < 1:
            continue
        if np.median(energy[is_hum]) < np.median(energy[~is_hum]) - MAINS_ENERGY:
            where = f"{share:.0%} of F0 lies at {hz:.0f} Hz, in soft sound"
            yield f"{where}: is it hum? Give --f0-floor"


def _spread(prosody: Prosody) -> Iterator[str]:
    """F0 that moves more than a voice, as errors do."""
    spread = f0_spread(prosody.f0[prosody.voiced])
    if spread > SPREAD_LIMITS[1]:
        yield (
            f"the spread of F0, {spread:.1f} semitones, is at its limit of {SPREAD_LIMITS[1]:.0f}: "
            "is it one voice, without music or noise?"
        )


def _voices(prosody: Prosody) -> Iterator[str]:
    """Two voices of different F0."""
    if centres := two_voices(prosody):
        low, high = centres
        yield f"two voices? F0 centres at {low:.0f} and {high:.0f} Hz; name the turns by --speakers"
