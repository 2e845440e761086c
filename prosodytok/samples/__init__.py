"""Three sentences of real speech in the public domain, for the demo and the tests; see NOTICE."""

from __future__ import annotations

from pathlib import Path


def sample_manifest() -> Path:
    """Path of the manifest of the bundled recordings; they lie in the same folder."""
    return Path(__file__).with_name("manifest.jsonl")
