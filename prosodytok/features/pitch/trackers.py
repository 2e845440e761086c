"""Pitch trackers by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prosodytok.features.pitch.pitch import DEFAULT_RANGE, PitchTracker
from prosodytok.features.pitch.praat import PraatTracker
from prosodytok.features.pitch.swift_f0 import SwiftF0Tracker
from prosodytok.features.pitch.world import WorldTracker
from prosodytok.types.errors import ConfigError
from prosodytok.types.f0_range import F0Range


def get_tracker(name: str, f0_range: F0Range = DEFAULT_RANGE) -> PitchTracker:
    """Return the tracker of this name.

    Parameters
    ----------
    name : {"praat", "world", "harvest", "swift-f0"}
        Praat's autocorrelation, World's DIO + StoneMask, World's Harvest (accurate, a hundred times
        slower than Praat), SwiftF0.
    f0_range : F0Range
        The range in which F0 is searched, with both limits; by default 75 to 500 Hz.

    Raises
    ------
    ConfigError
        If there is no tracker of this name.
    """
    trackers: dict[str, Callable[[F0Range], PitchTracker]] = {
        "praat": PraatTracker,
        "world": WorldTracker,
        "harvest": partial(WorldTracker, harvest=True),
        "swift-f0": SwiftF0Tracker,
    }
    if name not in trackers:
        raise ConfigError(f"unknown pitch tracker {name!r}; the trackers are {', '.join(trackers)}")
    return trackers[name](f0_range)
