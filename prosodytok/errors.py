"""The exceptions of prosodytok, which `prosodytok.types.errors` defines."""

from prosodytok.types.errors import (
    AudioError,
    CheckpointError,
    ConfigError,
    DeadCodebookError,
    ManifestError,
    MissingExtraError,
    OutputClosedError,
    ProsodytokError,
    SegmentationError,
    TextError,
    TokenError,
    WorkerError,
)

__all__ = [
    "AudioError",
    "CheckpointError",
    "ConfigError",
    "DeadCodebookError",
    "ManifestError",
    "MissingExtraError",
    "OutputClosedError",
    "ProsodytokError",
    "SegmentationError",
    "TextError",
    "TokenError",
    "WorkerError",
]
