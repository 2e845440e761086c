"""Checkpoints: a folder with ``model.safetensors`` and ``config.json``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from prosodytok.errors import CheckpointError
from prosodytok.model.config import ModelConfig
from prosodytok.model.network import ProsodyNetwork
from prosodytok.saved import check_format, load_weights, read_config, reading, save_network

#: The checkpoints inside the package, and the one that is used when none is named.
BUNDLED = Path(__file__).parent.parent / "weights"
DEFAULT = "base"
#: Raised when old weights no longer fit the network.
FORMAT = 2


def save_checkpoint(network: ProsodyNetwork, folder: str | Path) -> None:
    """Write a network's weights, in half precision, and config into a folder, made if need be."""
    save_network(network, folder, FORMAT, model=network.config)


def load_checkpoint(name_or_folder: str | Path = DEFAULT) -> tuple[ProsodyNetwork, str]:
    """Load a network, ready to encode and decode, and the name its tokens will carry.

    That name ends in a fingerprint of the weights (``base@1f2e3d4c``): codes mean something only to
    the weights that made them, and names are given twice.

    Parameters
    ----------
    name_or_folder : str or path
        A bundled checkpoint's name, with or without fingerprint, or a folder that
        `save_checkpoint` or training wrote.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, or its files are missing, damaged or of another version.
    """
    folder = _find(name_or_folder)
    with reading(folder, "checkpoint"):
        config = read_config(folder)
        if not _of_tokenizer(config):
            raise CheckpointError(
                f"{folder}: not a tokenizer, whose config.json would list its levels; "
                f"the bundled tokenizers are {_bundled()}"
            )
        check_format(config, folder, FORMAT)
        network = ProsodyNetwork(ModelConfig.model_validate(config["model"]))
        weights = load_weights(network, folder)
    if network.config.lookahead is not None:
        network.encoder.double()  # see `CausalEncoder`
    name = f"{folder.resolve().name}@{hashlib.sha256(weights).hexdigest()[:8]}"
    return network.eval().requires_grad_(False), name


def fingerprint(checkpoint: str) -> str:
    """The part of a checkpoint's name that tells its weights."""
    return checkpoint.rpartition("@")[2]


def _find(name_or_folder: str | Path) -> Path:
    name = str(name_or_folder).rpartition("@")[0] or name_or_folder
    for folder in (Path(name_or_folder), BUNDLED / name):
        if (folder / "config.json").is_file():
            return folder
    raise CheckpointError(
        f"no checkpoint {str(name_or_folder)!r}: neither a folder with config.json and "
        f"model.safetensors, nor a bundled one ({_bundled()})"
    )


def _bundled() -> str:
    """Names of the bundled tokenizers; self-supervised encoders lie beside them."""
    configs = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in BUNDLED.glob("*/config.json")
    }
    return ", ".join(sorted(name for name, c in configs.items() if _of_tokenizer(c))) or "none"


def _of_tokenizer(config: Any) -> bool:
    return "levels" in config["model"]
