"""Features of corpora that do not fit into memory: shards, which training reads as a stream.

A shard is a tar file as WebDataset lays it out: of each utterance ``N.json`` (its name, its group,
its words and phrases, and how its features were made) and ``N.safetensors`` (its prosody and, for
models that listen to them, embeddings). Nothing in it is pickled.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from safetensors import SafetensorError
from safetensors.numpy import load, save
from webdataset import TarWriter
from webdataset.tariterators import group_by_keys, tar_file_expander

from prosodytok.errors import ConfigError, ProsodytokError
from prosodytok.files import atomic_path, write_text
from prosodytok.manifest import Utterance, read_manifest
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Source
from prosodytok.training.config import TrainConfig
from prosodytok.training.data import (
    CACHE_VERSION,
    CachedUtterance,
    extract_utterance,
    hierarchies_from_dicts,
    hierarchies_to_dicts,
)
from prosodytok.training.embeddings import embed

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
    segments: tuple[Source, ...]
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
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def write_shards(
    config: TrainConfig,
    manifest: Path,
    out: Path,
    *,
    size: int = 1000,
    workers: int = 2,
    part: tuple[int, int] = (0, 1),
) -> list[Path]:
    """Extract a manifest's features into shards ``<manifest's stem>-<number>.tar``.

    Utterances are shuffled first: each shard is a sample of the corpus. Shards that are there
    already are left as they are, so a call that was ended goes on where it was. Utterances that
    fail are left out and named in ``<shard>.failed.txt``.

    Parameters
    ----------
    config : TrainConfig
        The training whose features these are.
    manifest : Path
        The speech.
    out : Path
        Folder of the shards.
    size : int
        Utterances of a shard.
    workers : int
        Processes, a shard each at a time.
    part : (int, int)
        Of the shards, every ``part[1]``-th from ``part[0]`` on: for many machines.

    Returns
    -------
    list of Path
        The shards of this part.

    Raises
    ------
    ConfigError
        If no utterance can be used, or `out` has shards of other speech or other features under
        this name.
    """
    utterances, made = read_manifest(manifest), Made.of(config)
    _claim(out / f"{manifest.stem}.json", manifest, made, size)
    order = np.random.default_rng(0).permutation(len(utterances))
    pieces = [order[start : start + size] for start in range(0, len(order), size)]
    jobs = [
        (out / f"{manifest.stem}-{number:06d}{SUFFIX}", [utterances[i] for i in piece])
        for number, piece in enumerate(pieces)
    ][part[0] :: part[1]]
    missing = [job for job in jobs if not job[0].is_file()]
    # One thread each: threads of the parent do not survive a fork, and waiting for them hangs.
    with ProcessPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        console, what = Console(stderr=True), f"{len(missing)} shards of {manifest.name}"
        done = pool.map(partial(_write, made=made), *zip(*missing, strict=True)) if missing else []
        hidden = not console.is_terminal
        list(track(done, what, total=len(missing), console=console, disable=hidden))
    written = [path for path, _ in jobs if path.is_file()]
    if jobs and not written:
        raise ConfigError(f"{manifest}: no utterance could be used; see {out}/*.failed.txt")
    return written


def _claim(description: Path, manifest: Path, made: Made, size: int) -> None:
    """Say in a file what the shards of a name are, or check that they are the same."""
    said = {
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "utterances_per_shard": size,
        "made": made.to_dict(),
    }
    if not description.is_file():
        write_text(description, json.dumps(said, indent=1) + "\n")
    elif json.loads(description.read_text(encoding="utf-8")) != said:
        raise ConfigError(
            f"{description}: here are shards of another manifest or of other features; "
            "write into another folder, or delete them"
        )


def _write(path: Path, utterances: Sequence[Utterance], *, made: Made) -> None:
    found = [_extract(utterance, made) for utterance in utterances]
    failed = [item for item in found if isinstance(item, str)]
    if failed:
        write_text(path.with_suffix(".failed.txt"), "".join(f"{line}\n" for line in failed))
    if len(failed) == len(found):
        return
    with (
        atomic_path(path) as half_written,
        half_written.open("wb") as file,
        TarWriter(file, encoder=False, mtime=0) as tar,  # the same features make the same file
    ):
        for number, item in enumerate(found):
            if isinstance(item, CachedUtterance):
                tar.write({"__key__": f"{number:06d}", **_encode(item, made)})


def _extract(utterance: Utterance, made: Made) -> CachedUtterance | str:
    cached = extract_utterance(utterance, made.f0, made.segments)
    if made.ssl is None or isinstance(cached, str):
        return cached
    steps = -(-cached.prosody.num_frames // made.patch)
    try:
        return replace(cached, ssl=embed(utterance, steps, name=made.ssl, patch=made.patch))
    except ProsodytokError as error:
        return f"{utterance.id}\t{error}"


def _encode(utterance: CachedUtterance, made: Made) -> dict[str, bytes]:
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
