"""Pitch: F0 trackers behind one Protocol, and correction of their octave errors."""

from prosodytok.features.pitch.octave_errors import correct_octaves
from prosodytok.features.pitch.trackers import Pitch, PitchTracker, get_tracker

__all__ = ["Pitch", "PitchTracker", "correct_octaves", "get_tracker"]
