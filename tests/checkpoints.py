"""Damaged checkpoints."""

import json
from pathlib import Path


def damage_checkpoint(folder: Path, damage: str) -> None:
    """Damage a checkpoint in one of several ways."""
    weights, config = folder / "model.safetensors", folder / "config.json"
    if damage == "weights missing":
        weights.unlink()
    if damage == "weights cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    if damage == "config cut":
        config.write_text(config.read_text()[:40])
    if damage == "other network":
        values = json.loads(config.read_text())
        values["model"]["dim"] = 64
        config.write_text(json.dumps(values))
    if damage == "no model":
        config.write_text('{"format": 1}')
