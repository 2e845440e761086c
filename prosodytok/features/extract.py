"""Extraction of prosody from sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.doubts import doubts
from prosodytok.features.energy import measure_energy
from prosodytok.features.pitch.fitted_range import search_range
from prosodytok.features.pitch.octave_errors import correct_octaves
from prosodytok.features.pitch.pitch import Pitch
from prosodytok.features.pitch.second_tracker import confirm
from prosodytok.features.pitch.trackers import get_tracker
from prosodytok.types.audio import Audio
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import DEFAULT_F0

#: Name of the tracker of `confirm`.
SECOND_TRACKER = "swift-f0"


def extract(
    audio: Audio,
    tracker: str = "praat",
    octave_correction: bool = True,
    f0_range: F0Range = FITTED,
) -> Prosody:
    """Measure F0, voicing and energy at 100 frames a second.

    Parameters
    ----------
    audio : Audio
        One utterance, at any sample rate.
    tracker : {"praat", "world", "harvest", "swift-f0"}
        The pitch tracker; see `get_tracker`.
    octave_correction : bool
        Whether to repair the tracker's errors; see `confirm` and `correct_octaves`.
    f0_range : F0Range
        The range in which F0 is searched; by default it is fitted to the speaker, see
        `search_range`.

    Returns
    -------
    Prosody
        F0 is interpolated through unvoiced frames, linearly in log-F0, and held at the ends.
        Without voiced frames it is `DEFAULT_F0` (150 Hz). The confidence is that of the tracker,
        and at most that of the second tracker where F0 was in doubt. Its warnings are those of the
        sound, and `doubts`.

    Raises
    ------
    ConfigError
        If there is no tracker of this name.
    """
    limits, outside = search_range(audio, f0_range)
    pitch = get_tracker(tracker, limits)(audio)
    if octave_correction:
        pitch = correct_octaves(pitch, limits)
        if tracker != SECOND_TRACKER:
            pitch = confirm(pitch, audio, limits)
    prosody = Prosody(
        interpolate(pitch),
        pitch.voiced,
        measure_energy(audio),
        confidence=pitch.confidence.astype(np.float32),
        f0_floor=limits.floor,
        f0_ceiling=limits.ceiling,
    )
    return replace(prosody, warnings=audio.warnings + outside + doubts(prosody))


def interpolate(pitch: Pitch) -> NDArray[np.float32]:
    """F0 (Hz) interpolated through unvoiced frames, shape (T,); see `extract`."""
    (voiced,) = np.nonzero(pitch.voiced)
    if voiced.size == 0:
        return np.full(pitch.f0.shape, DEFAULT_F0, dtype=np.float32)
    log_f0 = np.interp(np.arange(pitch.f0.size), voiced, np.log(pitch.f0[voiced]))
    return np.exp(log_f0).astype(np.float32)
