"""A trained network as a folder: ``model.safetensors`` in half precision, and ``config.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from safetensors import SafetensorError

from prosodytok.errors import CheckpointError
from prosodytok.files import atomic_path, write_text

if TYPE_CHECKING:
    from torch import nn


def save_network(network: nn.Module, folder: str | Path, version: int, **parts: BaseModel) -> None:
    """Write a network's weights, and a config that holds its format and named parts.

    The folder is made if need be, and each file replaced at once.
    """
    from safetensors.torch import save  # here, for configs are read without torch too

    folder = Path(folder)
    halves = {
        name: (x.half() if x.is_floating_point() else x).contiguous()
        for name, x in network.state_dict().items()
    }
    with atomic_path(folder / "model.safetensors") as path:
        path.write_bytes(save(halves))
    config = {"format": version} | {k: v.model_dump(mode="json") for k, v in parts.items()}
    write_text(folder / "config.json", json.dumps(config, indent=1) + "\n")


@contextmanager
def reading(folder: Path, what: str) -> Iterator[None]:
    """Read a folder that `save_network` wrote: whatever is wrong with it is named.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged.
    """
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError,
            SafetensorError) as error:  # fmt: skip
        raise CheckpointError(f"{folder}: not a whole {what}: {error}") from error


def read_config(folder: Path) -> dict[str, Any]:
    """The config of a folder, whatever is in it; to be called in `reading`."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


def load_weights(network: nn.Module, folder: Path) -> bytes:
    """Fill a network with the weights of a folder, and give their file's content; in `reading`."""
    from safetensors.torch import load

    content = (folder / "model.safetensors").read_bytes()
    network.load_state_dict(load(content))
    return content


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
