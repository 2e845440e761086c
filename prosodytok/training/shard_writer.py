"""Writing shards: features of a corpus, extracted once and on any number of machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from webdataset import TarWriter

from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.training.config import TrainConfig
from prosodytok.training.embedding_cache import embed
from prosodytok.training.feature_cache import CachedUtterance, extract_utterance, result_or_failure
from prosodytok.training.parallel_map import parallel_map
from prosodytok.training.shard_format import SUFFIX, FeatureSpec, encode
from prosodytok.types.errors import ConfigError


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

    Utterances are shuffled first: each shard is a sample of the corpus. Existing shards are kept,
    so an interrupted call can be repeated. Utterances that fail are left out and listed in
    ``<shard>.failed.txt``.

    Parameters
    ----------
    config : TrainConfig
        Training run that will use the features.
    manifest : Path
        Speech to extract.
    out : Path
        Folder of the shards.
    size : int
        Utterances of a shard.
    workers : int
        Processes, each writing one shard at a time.
    part : (int, int)
        Write every ``part[1]``-th shard from ``part[0]`` on: for several machines.

    Returns
    -------
    list of Path
        Shards of this part.

    Raises
    ------
    ConfigError
        If no utterance can be used, or `out` contains shards of another manifest or of other
        features under this name.
    WorkerError
        If a process is killed; a further call continues.
    """
    utterances, spec = read_manifest(manifest), FeatureSpec.from_config(config)
    _claim(out / f"{manifest.stem}.json", manifest, spec, size)
    order = np.random.default_rng(0).permutation(len(utterances))
    chunks = [order[start : start + size] for start in range(0, len(order), size)]
    jobs = [
        (out / f"{manifest.stem}-{number:06d}{SUFFIX}", [utterances[i] for i in chunk])
        for number, chunk in enumerate(chunks)
    ][part[0] :: part[1]]
    missing = [job for job in jobs if not job[0].is_file()]
    if missing:
        parallel_map(
            partial(_write, spec=spec),
            *zip(*missing, strict=True),
            description=f"{len(missing)} shards of {manifest.name}",
            workers=workers,
        )
    written = [path for path, _ in jobs if path.is_file()]
    if jobs and not written:
        raise ConfigError(f"{manifest}: no utterance could be used; see {out}/*.failed.txt")
    return written


def _claim(path: Path, manifest: Path, spec: FeatureSpec, size: int) -> None:
    """Write a description of the shards of a name, or check that the existing one is equal."""
    description = {
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "utterances_per_shard": size,
        "made": spec.to_dict(),
    }
    if not path.is_file():
        write_text(path, json.dumps(description, indent=1) + "\n")
    elif _read_description(path) != description:
        raise ConfigError(
            f"{path}: the folder has shards of another manifest or of other features under this "
            "name; write into another folder, or delete them"
        )


def _read_description(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path}: not written by `prosodytok shards` ({error}); write into another folder, or "
            "delete it and the shards of this name"
        ) from error


def _write(path: Path, utterances: Sequence[Utterance], *, spec: FeatureSpec) -> None:
    results = [_extract(utterance, spec) for utterance in utterances]
    failed = [result for result in results if isinstance(result, str)]
    if failed:
        write_text(path.with_suffix(".failed.txt"), "".join(f"{line}\n" for line in failed))
    if len(failed) == len(results):
        return
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as file,
        TarWriter(file, encoder=False, mtime=0) as tar,  # equal features make equal files
    ):
        for number, result in enumerate(results):
            if isinstance(result, CachedUtterance):
                tar.write({"__key__": f"{number:06d}", **encode(result, spec)})


def _extract(utterance: Utterance, spec: FeatureSpec) -> CachedUtterance | str:
    cached = extract_utterance(utterance, spec.f0, spec.segments)
    if spec.ssl is None or isinstance(cached, str):
        return cached
    steps = -(-cached.prosody.num_frames // spec.patch)
    embeddings = result_or_failure(embed, utterance, steps, name=spec.ssl, patch=spec.patch)
    return embeddings if isinstance(embeddings, str) else replace(cached, ssl=embeddings)
