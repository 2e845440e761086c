"""Data types of one utterance, shared by all packages. Imports NumPy and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
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
    from prosodytok.types.f0_range import F0Range
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

#: The module of each name, imported when the name is first used.
_HOMES = {
    "Audio": ".audio",
    "AudioError": ".errors",
    "CheckpointError": ".errors",
    "ConfigError": ".errors",
    "DEFAULT_F0": ".register",
    "DeadCodebookError": ".errors",
    "F0Range": ".f0_range",
    "FRAMES_PER_TOKEN": ".segmentation",
    "FRAME_RATE": ".units",
    "FoundSource": ".segmentation",
    "Hierarchy": ".segmentation",
    "LEVELS": ".tokens",
    "ManifestError": ".errors",
    "MissingExtraError": ".errors",
    "Prosody": ".prosody",
    "ProsodyTokens": ".tokens",
    "ProsodytokError": ".errors",
    "Register": ".register",
    "SAMPLE_RATE": ".audio",
    "Segmentation": ".segmentation",
    "SegmentationError": ".errors",
    "TextError": ".errors",
    "TokenError": ".errors",
    "TokenLevel": ".tokens",
    "UnitRequest": ".segmentation",
    "UnitSource": ".segmentation",
    "WorkerError": ".errors",
    "denormalize": ".register",
    "normalize": ".register",
}

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
    "F0Range",
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

__getattr__ = lazily(__name__, _HOMES)
