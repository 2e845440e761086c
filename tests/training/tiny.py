"""A training config for runs of about a second."""

from pathlib import Path
from typing import Any

import pytest
import yaml

#: Advice of Lightning that does not apply to a few steps on a CPU.
QUIET_LIGHTNING = [
    pytest.mark.filterwarnings("ignore::UserWarning:lightning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*"),
]
LEVELS = [
    {"name": "phrase", "codebook_sizes": [4]},
    {"name": "word", "codebook_sizes": [8]},
    {"name": "frame", "codebook_sizes": [8]},
]
MODEL = {
    "dim": 16,
    "encoder_dilations": [1],
    "coarse_dilations": [1],
    "fine_dilations": [1],
    "frame_channels": 4,
    "frame_blocks": 1,
    "levels": LEVELS,
}
FIT = {
    "threads": 1,
    "accelerator": "cpu",
    "steps": 4,
    "batch_seconds": 8,
    "warmup_steps": 1,
    "validate_every": 2,
    "min_usage": 0,
}


def write_config(
    folder: Path,
    manifest: Path,
    model: dict[str, Any] | None = None,
    fit: dict[str, Any] | None = None,
    **data: Any,
) -> Path:
    """Write ``folder/config.yaml``, whose run goes to ``folder/run``."""
    folder.mkdir(parents=True, exist_ok=True)
    speech = {"train": str(manifest), "dev": str(manifest), "segments": ["acoustic"]}
    content = {
        "run": str(folder / "run"),
        "data": {**speech, "cache": str(manifest.parent / "cache"), **data},
        "model": MODEL | (model or {}),
        "fit": FIT | (fit or {}),
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content))
    return path
