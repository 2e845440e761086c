"""From sound to prosody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.energy import measure_energy
from prosodytok.features.pitch.octave_errors import correct_octaves
from prosodytok.features.pitch.trackers import Pitch, get_tracker
from prosodytok.types.audio import Audio
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import DEFAULT_F0


def extract(audio: Audio, tracker: str = "praat", guard: bool = True) -> Prosody:
    """Measure F0, voicing and energy at 100 frames a second.

    Parameters
    ----------
    audio : Audio
        One utterance, at any sample rate.
    tracker : {"praat", "world", "harvest", "swift-f0"}
        Who finds F0; see `get_tracker`.
    guard : bool
        Whether to correct the tracker's octave errors; see `correct_octaves`.

    Returns
    -------
    Prosody
        F0 is interpolated through unvoiced frames, linearly in log-F0, and held at the ends. Where
        nothing at all is voiced it is `DEFAULT_F0` (150 Hz) throughout.

    Raises
    ------
    ConfigError
        If there is no tracker of this name.
    MissingExtraError
        If the tracker is not installed.
    """
    pitch = get_tracker(tracker)(audio)
    if guard:
        pitch = correct_octaves(pitch)
    return Prosody(interpolate(pitch), pitch.voiced, measure_energy(audio))


def interpolate(pitch: Pitch) -> NDArray[np.float32]:
    """F0 with its unvoiced frames filled in, shape (T,), Hz; see `extract`."""
    (known,) = np.nonzero(pitch.voiced)
    if known.size == 0:
        return np.full(pitch.f0.shape, DEFAULT_F0, dtype=np.float32)
    log_f0 = np.interp(np.arange(pitch.f0.size), known, np.log(pitch.f0[known]))
    return np.exp(log_f0).astype(np.float32)
