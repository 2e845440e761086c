"""A whole corpus to a dataset of tokens: cut into shards, worked on, resumable."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from prosodytok import __version__
from prosodytok.corpus.cluster import run_ray
from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.item import Item
from prosodytok.corpus.listing import find_items
from prosodytok.corpus.pool import Pool
from prosodytok.corpus.worker import Outcome, Task, device_of
from prosodytok.features import get_tracker
from prosodytok.tokenizer import DEFAULT, load_checkpoint
from prosodytok.types.errors import ConfigError, WorkerError
from prosodytok.types.segmentation import UnitRequest

#: Utterances of a shard: what a kill can cost a worker, and what a Parquet file holds.
SHARD_SIZE = 128

Begin = Callable[[int, int], None]
Tell = Callable[[Outcome], None]


@dataclass(frozen=True)
class Summary:
    """What a dataset holds when it is complete.

    Parameters
    ----------
    written : int
        Utterances with tokens.
    failed : int
        Utterances that could not be used.
    """

    written: int
    failed: int


def extract(
    inputs: Sequence[str | Path],
    out: str | Path,
    *,
    segments: UnitRequest = "given",
    checkpoint: str = DEFAULT,
    f0: str = "praat",
    search: bool = True,
    device: str = "auto",
    shard_size: int = SHARD_SIZE,
    workers: int | None = None,
    ray: str | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    begin: Begin | None = None,
    tell: Tell | None = None,
) -> Summary:
    """Turn a corpus into a dataset of prosody tokens; docs/extract.md shows how to use it.

    What it writes depends on the inputs and the settings alone, not on how many workers there
    are, on Ray, or on how often it was interrupted.

    Parameters
    ----------
    inputs : sequence of path
        What `find_items` takes: manifests, tar archives, folders, sound files.
    out : path
        Folder of the dataset.
    segments : {"given", "acoustic", "learned", "even"}
        Where words come from; see `find_items`.
    checkpoint : str
        A bundled checkpoint's name, or a folder.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker.
    search : bool
        Choose codes by what they decode to: better tokens, slower.
    device : {"auto", "cpu", "cuda"}
        Where the network computes: by default on a GPU if torch finds one here. With several, the
        workers of a machine take turns.
    shard_size : int
        Utterances of a shard.
    workers : int, optional
        Processes; by default one for each processor that this process may use, or, on Ray, that
        the cluster has.
    ray : str, optional
        Address of a Ray cluster, or ``"local"``.
    resume : bool
        Go on where an earlier call was interrupted.
    retry_failed : bool
        Go on, and do the shards again in which an utterance failed.
    begin : callable, optional
        Told how many utterances there are, and how many an earlier call has finished.
    tell : callable, optional
        Told of each utterance.

    Raises
    ------
    ConfigError
        If there is no such input, tracker, device or cluster, or the dataset is there already, or
        was begun otherwise.
    CheckpointError, ManifestError, MissingExtraError
        If the checkpoint, a manifest, or a package that is needed cannot be used.
    WorkerError
        If processes end again and again. What is finished is kept.
    """
    if shard_size < 1 or (workers is not None and workers < 1):
        raise ConfigError("a shard has one utterance at least, and there is one worker at least")
    get_tracker(f0)
    if ray is None or device == "auto":  # else it is the cluster's machines that must have it
        device = device_of(device).partition(":")[0]
    items = find_items(inputs, segments)
    shards = list(_cut(items, shard_size))
    fingerprint = load_checkpoint(checkpoint)[1]
    dataset = Dataset(out)
    settings = {
        "prosodytok": __version__,
        "checkpoint": fingerprint,
        "f0": f0,
        "search": search,
        "device": device,
        "segments": segments,
        "shard_size": shard_size,
        "utterances": len(items),
        "input": _digest(items),
    }
    task = Task(dataset.folder.absolute(), Path.cwd(), checkpoint, fingerprint, f0, search, device)
    with dataset.begun(settings, resume or retry_failed):
        if retry_failed:
            dataset.forget_failures()
        left = [shard for shard in shards if not dataset.is_finished(shard)]
        if begin is not None:
            begin(len(items), len(items) - sum(len(shard.items) for shard in left))
        with closing(_run(task, left, workers, ray)) as outcomes:
            for outcome in outcomes:
                if tell is not None:
                    tell(outcome)
        summary = _count(dataset, shards)
        dataset.describe(settings, written=summary.written, failed=summary.failed)
    return summary


def _run(
    task: Task, shards: Sequence[Shard], workers: int | None, ray: str | None
) -> Generator[Outcome, None, None]:
    if not shards:
        return
    if ray is not None:
        yield from run_ray(task, shards, ray, workers)
        return
    with Pool(task, workers or len(os.sched_getaffinity(0))) as pool:
        yield from pool.run(shards)


def _cut(items: Sequence[Item], size: int) -> Iterator[Shard]:
    for index, start in enumerate(range(0, len(items), size)):
        yield Shard(index, items[start : start + size])


def _digest(items: Sequence[Item]) -> str:
    """What tells one corpus from another: its utterances, and what is known of them."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(repr(item).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:16]


def _count(dataset: Dataset, shards: Sequence[Shard]) -> Summary:
    counts = [dataset.count(shard) for shard in shards]
    summary = Summary(sum(written for written, _ in counts), sum(failed for _, failed in counts))
    missing = sum(len(shard.items) for shard in shards) - summary.written - summary.failed
    if missing:
        raise WorkerError(f"{missing} utterances are not there: go on with --resume")
    return summary
