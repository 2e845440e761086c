"""Names of checkpoints, the fingerprints of weights in them, and the bundled checkpoints."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

#: The folder of the bundled checkpoints.
BUNDLED = Path(__file__).parent.parent / "weights"
#: Hexadecimal digits of a fingerprint.
DIGITS = 8


def fingerprint_of(weights: bytes) -> str:
    """The fingerprint of the content of a weights file."""
    return hashlib.sha256(weights).hexdigest()[:DIGITS]


def fingerprint(checkpoint: str) -> str:
    """The fingerprint of the weights at the end of a checkpoint's name."""
    return checkpoint.rpartition("@")[2]


def bundled_names() -> list[str]:
    """Names of the bundled tokenizers, without other bundled networks."""
    configs = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in BUNDLED.glob("*/config.json")
    }
    return sorted(name for name, config in configs.items() if is_tokenizer(config))


def bundled_with_weights_of(checkpoint: str) -> str | None:
    """Name of the bundled checkpoint with the fingerprint in a checkpoint's name, if there is one.

    The name before the fingerprint does not count: ``base@af6135a4`` is the second edition's
    `base`, which is bundled as `base-2`.
    """
    if not re.fullmatch(rf"[^/\\]*@[0-9a-f]{{{DIGITS}}}", checkpoint):
        return None
    wanted = fingerprint(checkpoint)
    files = sorted(BUNDLED.glob("*/model.safetensors"))
    return next((x.parent.name for x in files if fingerprint_of(x.read_bytes()) == wanted), None)


def where_to_find(checkpoint: str) -> str:
    """What to load for tokens of a checkpoint, as the end of an error message."""
    name = bundled_with_weights_of(checkpoint)
    if name is None:
        return "load the one that made them"
    return f"load {name!r}, which made them (--checkpoint {name})"


def is_tokenizer(config: Any) -> bool:
    """Whether a config is that of a tokenizer, not of another network."""
    return "levels" in config["model"]
