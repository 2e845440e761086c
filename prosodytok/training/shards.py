"""Features of corpora that do not fit into memory: shards, which training reads as a stream.

A shard is a tar file as WebDataset lays it out: of each utterance ``N.json`` (its name, its group,
its words and phrases, and how its features were made) and ``N.safetensors`` (its prosody and, for
models that listen to them, embeddings). Nothing in it is pickled.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load, save
from webdataset.tariterators import group_by_keys, tar_file_expander

from prosodytok.training.config import TrainConfig
from prosodytok.training.data import (
    CACHE_VERSION,
    CachedUtterance,
    hierarchies_from_dicts,
    hierarchies_to_dicts,
)
from prosodytok.types import UnitSource
from prosodytok.types.errors import ConfigError, ProsodytokError
from prosodytok.types.prosody import Prosody

#: Ending of a file, or a pattern of files, that is shards and no manifest.
SUFFIX = ".tar"


@dataclass(frozen=True)
class Made:
    """How features were made; those of a shard must be what the config asks for.

    Parameters
    ----------
    version : int
        Of the extraction.
    f0 : str
        Pitch tracker.
    segments : tuple of str
        Ways in which utterances were cut.
    ssl : str or None
        Encoder of the embeddings.
    patch : int
        Frames of one embedding.
    """

    version: int
    f0: str
    segments: tuple[UnitSource, ...]
    ssl: str | None
    patch: int

    @classmethod
    def of(cls, config: TrainConfig) -> Made:
        """What a config asks for."""
        data, model = config.data, config.model
        return cls(CACHE_VERSION, data.f0, tuple(data.segments), model.ssl, model.patch)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"segments": list(self.segments)}


def is_shards(path: Path) -> bool:
    """Whether a path of a config names shards."""
    return path.suffix == SUFFIX


def find_shards(pattern: Path) -> list[Path]:
    """List the shards of a pattern, sorted.

    Raises
    ------
    ConfigError
        If there is none.
    """
    found = sorted(pattern.parent.glob(pattern.name))
    if not found:
        raise ConfigError(f"{pattern}: no such shards; `prosodytok shards` writes them")
    return found


def read_shard(path: Path, made: Made) -> Iterator[CachedUtterance]:
    """Read the utterances of a shard, one after the other.

    Raises
    ------
    ConfigError
        If the file is damaged, or its features were made otherwise.
    """
    try:
        with path.open("rb") as file:
            members = tar_file_expander([{"url": str(path), "stream": file}])
            for sample in group_by_keys(members):
                yield _decode(json.loads(sample["json"]), load(sample["safetensors"]), made)
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        tarfile.TarError,
        SafetensorError,
    ) as error:
        raise ConfigError(f"{path}: not a whole shard of `prosodytok shards`: {error}") from error
    except ProsodytokError as error:
        raise ConfigError(f"{path}: {error}") from error


def encode(utterance: CachedUtterance, made: Made) -> dict[str, bytes]:
    """The files of an utterance in a shard, by their endings."""
    prosody = utterance.prosody
    arrays = {"f0": prosody.f0, "voiced": prosody.voiced, "energy": prosody.energy}
    if utterance.ssl is not None:
        arrays["ssl"] = utterance.ssl
    about = {
        "id": utterance.id,
        "group": utterance.group,
        "hierarchies": hierarchies_to_dicts(utterance.hierarchies),
        "made": made.to_dict(),
    }
    return {"json": json.dumps(about).encode(), "safetensors": save(arrays)}


def _decode(about: dict[str, Any], arrays: dict[str, Any], made: Made) -> CachedUtterance:
    if about["made"] != made.to_dict():
        raise ConfigError(
            f"features were made as {about['made']}, and the config asks for {made.to_dict()}: "
            "write the shards again with this config"
        )
    return CachedUtterance(
        about["id"],
        about["group"],
        Prosody(arrays["f0"], arrays["voiced"], arrays["energy"]),
        hierarchies_from_dicts(about["hierarchies"]),
        arrays.get("ssl"),
    )
