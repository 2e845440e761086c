"""What is doubtful about a measured prosody, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from prosodytok.features.two_voices import two_voices
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import SPREAD_LIMITS, f0_spread
from prosodytok.types.units import seconds_to_frames

#: Less voice than this (frames, and share of all frames) is nearly none.
LITTLE_VOICE, LITTLE_SHARE = seconds_to_frames(0.15), 0.03
#: F0 piles up at a limit if this share of the voiced frames lies within this ratio of it.
AT_LIMIT, NEAR = 0.1, 1.03


def doubts(prosody: Prosody) -> tuple[str, ...]:
    """Sentences about what is doubtful; none if all is well."""
    voiced = int(prosody.voiced.sum())
    if voiced < max(LITTLE_VOICE, LITTLE_SHARE * prosody.num_frames):
        seconds, all_seconds = (x / prosody.frame_rate for x in (voiced, prosody.num_frames))
        return (f"nearly no voice: {seconds:.2f} of {all_seconds:.2f} s are voiced",)
    return (*_at_limits(prosody), *_spread(prosody), *_voices(prosody))


def _at_limits(prosody: Prosody) -> Iterator[str]:
    """F0 that piles up at the floor or the ceiling of its search."""
    f0 = prosody.f0[prosody.voiced]
    floor, ceiling = prosody.f0_floor, prosody.f0_ceiling
    if floor and (share := np.mean(f0 < floor * NEAR)) > AT_LIMIT:
        yield f"{share:.0%} of F0 lies at the floor of {floor:.0f} Hz: change it by --f0-floor"
    if ceiling and (share := np.mean(f0 > ceiling / NEAR)) > AT_LIMIT:
        yield (
            f"{share:.0%} of F0 lies at the ceiling of {ceiling:.0f} Hz: change it by --f0-ceiling"
        )


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
