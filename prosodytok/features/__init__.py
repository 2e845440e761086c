"""Sound to numbers: F0 and voicing, energy, the speaker's register, self-supervised embeddings."""

from prosodytok.features.energy import measure_energy
from prosodytok.features.extract import extract
from prosodytok.features.f0 import Pitch, PitchTracker, get_tracker
from prosodytok.features.normalize import DEFAULT_F0, Register, denormalize, normalize
from prosodytok.features.octave import guard_octaves
from prosodytok.features.ssl import (
    HuggingFaceSSL,
    SSLEncoder,
    TorchaudioSSL,
    align_frames,
    load_ssl,
)

__all__ = [
    "DEFAULT_F0",
    "HuggingFaceSSL",
    "Pitch",
    "PitchTracker",
    "Register",
    "SSLEncoder",
    "TorchaudioSSL",
    "align_frames",
    "denormalize",
    "extract",
    "get_tracker",
    "guard_octaves",
    "load_ssl",
    "measure_energy",
    "normalize",
]
