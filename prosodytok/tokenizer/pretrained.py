"""Checkpoints: a folder with ``model.safetensors`` and ``config.json``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from prosodytok.io.atomic import write_text
from prosodytok.io.hub import download, split_name, upload
from prosodytok.io.weights import check_format, load_network, read_config, reading, save_network
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.tokenizer.backend import DEFAULT
from prosodytok.tokenizer.checkpoint_names import (
    BUNDLED,
    bundled_names,
    bundled_with_weights_of,
    fingerprint_of,
    is_tokenizer,
)
from prosodytok.types.errors import CheckpointError

#: Increased when old weights no longer fit the network.
FORMAT = 2
#: Model card of an uploaded checkpoint.
CARD = """---
license: {license}
library_name: prosodytok
tags:
- prosody
- speech
- intonation
- tokenizer
---

# {name}

A tokenizer of prosody: it turns speech into phrase, word and frame tokens of its F0, voicing and
energy, and tokens back. Made with prosodytok; a reader of weights (safetensors) that runs no code
from this repository.

    from prosodytok import ProsodyTokenizer
    tokenizer = ProsodyTokenizer.from_pretrained("{repo}")

| level | codes |
| --- | --- |
{levels}
"""


def save_checkpoint(network: ProsodyNetwork, folder: str | Path) -> None:
    """Write a network's weights, in half precision, and config into a folder, made if need be."""
    save_network(network, folder, FORMAT, model=network.config)


def load_checkpoint(
    name_or_folder: str | Path = DEFAULT, revision: str | None = None
) -> tuple[ProsodyNetwork, str]:
    """Load a network, ready to encode and decode, and the name that its tokens carry.

    The name ends in a fingerprint of the weights (``base@1f2e3d4c``): codes belong to the weights
    that made them, and names are not unique.

    Parameters
    ----------
    name_or_folder : str or path
        The first of these that exists: a folder that `save_checkpoint` or training wrote; a
        bundled checkpoint's name; the name that tokens carry, if the fingerprint in it is that of a
        bundled checkpoint, under whatever name, or else its name; a model of the Hugging Face Hub,
        ``org/name`` or ``org/name@revision``. A `Path` is never searched on the hub, nor is
        ``a/b`` if a file or folder ``a`` exists.
    revision : str, optional
        Branch, tag or commit on the hub; the name is then one of the hub alone.

    Raises
    ------
    CheckpointError
        If there is no such checkpoint, its files are missing, damaged or of another version, or the
        hub refuses or cannot be reached.
    MissingExtraError
        If the name may be one of the hub and huggingface_hub is not installed.
    """
    folder, name = _find(name_or_folder, revision)
    with reading(folder, "checkpoint"):
        config = read_config(folder)
        if "sha256" in config:
            raise CheckpointError(
                f"{folder}: an export for ONNX, without weights for torch: it can tokenize "
                "and decode; for anything else use the checkpoint that was exported"
            )
        if not is_tokenizer(config):
            raise CheckpointError(
                f"{folder}: not a tokenizer: its config.json lists no levels; "
                f"the bundled tokenizers are {_listed()}"
            )
        check_format(config, folder, FORMAT)
        model = ModelConfig.model_validate(config["model"])
        network, weights = load_network(lambda: ProsodyNetwork(model), folder)
    network.encoder.to(network.encoder.dtype)
    return network.eval().requires_grad_(False), f"{name}@{fingerprint_of(weights)}"


def push_checkpoint(
    network: ProsodyNetwork, repo: str, *, license: str = "apache-2.0", private: bool = False
) -> str:
    """Upload a network to the Hugging Face Hub; see `Tokenizer.push_to_hub`.

    Returns
    -------
    str
        URL of the commit.
    """
    with TemporaryDirectory() as folder:
        save_checkpoint(network, folder)
        write_text(Path(folder) / "README.md", model_card(network.config, repo, license))
        return upload(Path(folder), repo, private=private)


def model_card(config: ModelConfig, repo: str, license: str) -> str:
    """The README.md of a model on the hub, with the metadata (YAML) that the hub requires."""
    levels = "\n".join(
        f"| {level.name} | {' + '.join(map(str, level.codebook_sizes))} |"
        for level in config.levels
    )
    return CARD.format(license=license, name=repo.split("/")[-1], repo=repo, levels=levels)


def _find(name_or_folder: str | Path, revision: str | None) -> tuple[Path, str]:
    """The folder of a checkpoint, and its name without the fingerprint."""
    same = bundled_with_weights_of(str(name_or_folder))
    name = same or str(name_or_folder).rpartition("@")[0] or name_or_folder
    for folder in (Path(name_or_folder), BUNDLED / name):
        if revision is None and (folder / "config.json").is_file():
            return folder, folder.resolve().name
    if isinstance(name_or_folder, str) and (found := split_name(name_or_folder)):
        repo, named = found
        owner, _, model = repo.partition("/")
        if revision or not Path(owner).exists():
            return download(repo, revision or named), model
        raise CheckpointError(
            f"no checkpoint {name_or_folder!r} in the local folder {owner!r}, so it was not "
            "searched on the Hugging Face Hub; if that is meant, pass the revision too "
            "(revision='main')"
        )
    raise CheckpointError(
        f"no checkpoint {str(name_or_folder)!r}: neither a folder with config.json and "
        f"model.safetensors, nor a bundled one ({_listed()}), nor a name like org/name"
    )


def _listed() -> str:
    return ", ".join(bundled_names()) or "none"
