"""Pitch: F0 trackers behind one Protocol, the range of the search, and the repair of errors."""

from prosodytok.features.pitch.octave_errors import correct_octaves
from prosodytok.features.pitch.pitch import Pitch, PitchTracker
from prosodytok.features.pitch.trackers import get_tracker

__all__ = ["Pitch", "PitchTracker", "correct_octaves", "get_tracker"]
