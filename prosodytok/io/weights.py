"""Checkpoint folders: ``model.safetensors`` in half precision, and ``config.json``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError

from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.limits import MAX_CONFIG_BYTES, MAX_HEADER_BYTES, MAX_WEIGHTS_BYTES
from prosodytok.types.errors import CheckpointError, explain

Network = TypeVar("Network", bound="nn.Module")

if TYPE_CHECKING:
    from torch import nn


def save_network(network: nn.Module, folder: str | Path, version: int, **parts: BaseModel) -> None:
    """Write the weights of a network, and a config with the format version and named sections.

    The folder is created if missing, and each file is replaced atomically.
    """
    from safetensors.torch import save  # imports torch, which reading a config does not need

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
    """Convert errors while reading a checkpoint folder into `CheckpointError`.

    Parameters
    ----------
    folder : path
        The folder, for the message.
    what : str
        Kind of the checkpoint, for the message.
    """
    try:
        yield
    except ValidationError as error:
        raise CheckpointError(f"{folder}: not a whole {what}: {explain(error)}") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError,
            SafetensorError) as error:  # fmt: skip
        raise CheckpointError(f"{folder}: not a whole {what}: {error}") from error


def read_config(folder: Path) -> dict[str, Any]:
    """Read the config of a checkpoint folder, unvalidated; call it within `reading`."""
    path = folder / "config.json"
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise ValueError(f"config.json has more than {MAX_CONFIG_BYTES} bytes")
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return config


def load_network(build: Callable[[], Network], folder: Path) -> tuple[Network, bytes]:
    """Build a network and load the weights of a folder; call it within `reading`.

    The shapes in the file are compared with the config before memory of their size is allocated.

    Parameters
    ----------
    build : callable
        Builds the network, with any weights.
    folder : path
        A folder written by `save_network`.

    Returns
    -------
    network : Module
    content : bytes
        Content of the weights file.
    """
    import torch
    from safetensors.torch import load

    from prosodytok.inference import tensors_on_cpu

    path = folder / "model.safetensors"
    with torch.device("meta"):  # shapes only, without memory or random numbers
        network = build()
    _check_shapes(path, {name: tuple(x.shape) for name, x in network.state_dict().items()})
    content = path.read_bytes()
    with tensors_on_cpu():
        weights = load(content)
        for name, values in weights.items():
            if not values.isfinite().all():
                raise ValueError(f"model.safetensors: {name} contains NaN or infinite values")
        single = {name: x.float() if x.is_floating_point() else x for name, x in weights.items()}
        # Assigned, not copied: the parameters of a new network have the default dtype.
        network.load_state_dict(single, assign=True)
        if any(buffer.is_meta for buffer in network.buffers()):  # computed at construction
            network = build()
            network.load_state_dict(single, assign=True)
    return network, content


def _check_shapes(path: Path, wanted: dict[str, tuple[int, ...]]) -> None:
    """Raise unless a weights file contains exactly these tensors."""
    size = path.stat().st_size
    if size > MAX_WEIGHTS_BYTES:
        raise ValueError(f"{path.name} has {size} bytes; the limit is {MAX_WEIGHTS_BYTES}")
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(size, MAX_HEADER_BYTES):
            raise ValueError(
                f"{path.name} is truncated, or its header exceeds {MAX_HEADER_BYTES} bytes"
            )
        listed = json.loads(file.read(length))
    listed.pop("__metadata__", None)
    found = {name: tuple(tensor["shape"]) for name, tensor in listed.items()}
    for name in wanted.keys() | found.keys():
        if wanted.get(name) != found.get(name):
            raise ValueError(
                f"{path.name} has {found.get(name, 'nothing')} for {name}, "
                f"and config.json requires {wanted.get(name, 'nothing')}"
            )


def check_format(config: dict[str, Any], folder: Path, version: int) -> None:
    """Raise `CheckpointError` unless the config has this format version."""
    if config.get("format") != version:
        raise CheckpointError(
            f"{folder}: format {config.get('format')!r}, and this prosodytok reads {version}: "
            "install the version that wrote it, or train again"
        )
