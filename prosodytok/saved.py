"""A trained network as a folder: ``model.safetensors`` in half precision, and ``config.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from safetensors.torch import save
from torch import nn

from prosodytok.errors import CheckpointError
from prosodytok.files import atomic_path


def save_network(network: nn.Module, folder: str | Path, version: int, **parts: BaseModel) -> None:
    """Write a network's weights, and a config that holds its format and named parts.

    The folder is made if need be, and each file replaced at once.
    """
    folder = Path(folder)
    halves = {
        name: (x.half() if x.is_floating_point() else x).contiguous()
        for name, x in network.state_dict().items()
    }
    with atomic_path(folder / "model.safetensors") as path:
        path.write_bytes(save(halves))
    config = {"format": version} | {k: v.model_dump(mode="json") for k, v in parts.items()}
    with atomic_path(folder / "config.json") as path:
        path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def check_format(config: dict[str, Any], folder: Path, version: int) -> None:
    """Refuse a config of another format.

    Raises
    ------
    CheckpointError
        If it is not of this `version`.
    """
    if config.get("format") != version:
        raise CheckpointError(
            f"{folder}: format {config.get('format')!r}, and this prosodytok reads {version}: "
            "install the version that wrote it, or train again"
        )
