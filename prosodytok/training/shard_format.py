"""Shards: features of corpora that do not fit into memory, as tar files.

A shard has the layout of WebDataset: for each utterance ``N.json`` (id, group, segmentations, and
how the features were made) and ``N.safetensors`` (prosody and, for models that take them,
embeddings). Nothing is pickled.
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
from prosodytok.training.feature_cache import (
    CACHE_VERSION,
    CachedUtterance,
    hierarchies_from_dicts,
    hierarchies_to_dicts,
)
from prosodytok.types import UnitSource
from prosodytok.types.errors import ConfigError, ProsodytokError
from prosodytok.types.prosody import Prosody

#: Suffix of a path that refers to shards, not to a manifest.
SUFFIX = ".tar"


@dataclass(frozen=True)
class FeatureSpec:
    """How features were made; that of a shard must equal that of the config.

    Version of the extraction, pitch tracker, sources of the units, encoder of the embeddings, and
    frames of one embedding.
    """

    version: int
    f0: str
    segments: tuple[UnitSource, ...]
    ssl: str | None
    patch: int

    @classmethod
    def from_config(cls, config: TrainConfig) -> FeatureSpec:
        """Features that a config requires."""
        data, model = config.data, config.model
        return cls(CACHE_VERSION, data.f0, tuple(data.segments), model.ssl, model.patch)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self) | {"segments": list(self.segments)}


def is_shards(path: Path) -> bool:
    """Whether a path of a config refers to shards."""
    return path.suffix == SUFFIX


def find_shards(pattern: Path) -> list[Path]:
    """List the shards of a pattern, sorted; ConfigError if there is none."""
    found = sorted(pattern.parent.glob(pattern.name))
    if not found:
        raise ConfigError(f"{pattern}: no such shards; `prosodytok shards` writes them")
    return found


def read_shard(path: Path, spec: FeatureSpec) -> Iterator[CachedUtterance]:
    """Read the utterances of a shard; ConfigError if it is damaged or of another spec."""
    try:
        with path.open("rb") as file:
            members = tar_file_expander([{"url": str(path), "stream": file}])
            for sample in group_by_keys(members):
                yield _decode(json.loads(sample["json"]), load(sample["safetensors"]), spec)
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


def encode(utterance: CachedUtterance, spec: FeatureSpec) -> dict[str, bytes]:
    """Files of an utterance in a shard, by suffix."""
    prosody = utterance.prosody
    arrays = {"f0": prosody.f0, "voiced": prosody.voiced, "energy": prosody.energy}
    if utterance.ssl is not None:
        arrays["ssl"] = utterance.ssl
    metadata = {
        "id": utterance.id,
        "group": utterance.group,
        "hierarchies": hierarchies_to_dicts(utterance.hierarchies),
        "made": spec.to_dict(),
    }
    return {"json": json.dumps(metadata).encode(), "safetensors": save(arrays)}


def _decode(metadata: dict[str, Any], arrays: dict[str, Any], spec: FeatureSpec) -> CachedUtterance:
    if metadata["made"] != spec.to_dict():
        raise ConfigError(
            f"features were made as {metadata['made']}, and the config requires {spec.to_dict()}: "
            "write the shards again with this config"
        )
    return CachedUtterance(
        metadata["id"],
        metadata["group"],
        Prosody(arrays["f0"], arrays["voiced"], arrays["energy"]),
        hierarchies_from_dicts(metadata["hierarchies"]),
        arrays.get("ssl"),
    )
