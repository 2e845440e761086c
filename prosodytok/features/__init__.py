"""Acoustic features: F0 and voicing, energy, log-mel, self-supervised embeddings."""

from prosodytok.features.energy import measure_energy
from prosodytok.features.extract import extract
from prosodytok.features.pitch import Pitch, PitchTracker, correct_octaves, get_tracker
from prosodytok.features.ssl import (
    HuggingFaceSSL,
    SSLEncoder,
    TorchaudioSSL,
    align_frames,
    load_ssl,
)

__all__ = [
    "HuggingFaceSSL",
    "Pitch",
    "PitchTracker",
    "SSLEncoder",
    "TorchaudioSSL",
    "align_frames",
    "correct_octaves",
    "extract",
    "get_tracker",
    "load_ssl",
    "measure_energy",
]
