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
from prosodytok.training.data import CachedUtterance, extract_utterance, or_reason
from prosodytok.training.embeddings import embed
from prosodytok.training.shards import SUFFIX, Made, encode
from prosodytok.training.workers import in_workers
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
    WorkerError
        If a process is killed; a further call goes on.
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
    if missing:
        what, work = f"{len(missing)} shards of {manifest.name}", partial(_write, made=made)
        in_workers(work, *zip(*missing, strict=True), what=what, workers=workers)
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
    elif _described(description) != said:
        raise ConfigError(
            f"{description}: here are shards of another manifest or of other features; "
            "write into another folder, or delete them"
        )


def _described(description: Path) -> Any:
    try:
        return json.loads(description.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{description}: not what `prosodytok shards` wrote ({error}); write into another "
            "folder, or delete it and the shards of this name"
        ) from error


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
                tar.write({"__key__": f"{number:06d}", **encode(item, made)})


def _extract(utterance: Utterance, made: Made) -> CachedUtterance | str:
    cached = extract_utterance(utterance, made.f0, made.segments)
    if made.ssl is None or isinstance(cached, str):
        return cached
    steps = -(-cached.prosody.num_frames // made.patch)
    embeddings = or_reason(embed, utterance, steps, name=made.ssl, patch=made.patch)
    return embeddings if isinstance(embeddings, str) else replace(cached, ssl=embeddings)
