"""Pitch: F0 trackers behind one Protocol, and the correction of their octave errors."""

from prosodytok.features.pitch.octave_errors import guard_octaves
from prosodytok.features.pitch.trackers import Pitch, PitchTracker, get_tracker

__all__ = ["Pitch", "PitchTracker", "get_tracker", "guard_octaves"]
