"""What every package speaks of: plain data of one utterance. Imports NumPy and nothing else."""

from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.errors import (
    AudioError,
    CheckpointError,
    ConfigError,
    DeadCodebookError,
    ManifestError,
    MissingExtraError,
    ProsodytokError,
    SegmentationError,
    TextError,
    TokenError,
    WorkerError,
)
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import DEFAULT_F0, Register, denormalize, normalize
from prosodytok.types.segmentation import (
    FRAMES_PER_TOKEN,
    FoundSource,
    Hierarchy,
    Segmentation,
    UnitRequest,
    UnitSource,
)
from prosodytok.types.tokens import LEVELS, ProsodyTokens, TokenLevel
from prosodytok.types.units import FRAME_RATE

__all__ = [
    "DEFAULT_F0",
    "FRAMES_PER_TOKEN",
    "FRAME_RATE",
    "LEVELS",
    "SAMPLE_RATE",
    "Audio",
    "AudioError",
    "CheckpointError",
    "ConfigError",
    "DeadCodebookError",
    "FoundSource",
    "Hierarchy",
    "ManifestError",
    "MissingExtraError",
    "Prosody",
    "ProsodyTokens",
    "ProsodytokError",
    "Register",
    "Segmentation",
    "SegmentationError",
    "TextError",
    "TokenError",
    "TokenLevel",
    "UnitRequest",
    "UnitSource",
    "WorkerError",
    "denormalize",
    "normalize",
]
