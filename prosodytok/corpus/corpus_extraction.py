"""Extract the tokens of a whole corpus into a dataset, in shards; resumable."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from prosodytok import __version__
from prosodytok.corpus.corpus_item import Item
from prosodytok.corpus.corpus_listing import find_items
from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.ray_cluster import run_on_ray
from prosodytok.corpus.registers import read_registers
from prosodytok.corpus.shard_worker import Outcome, Task, resolve_device
from prosodytok.corpus.worker_pool import WorkerPool
from prosodytok.features import get_tracker
from prosodytok.tokenizer import DEFAULT, load_checkpoint
from prosodytok.tokenizer.frontend import make_frontend
from prosodytok.types.errors import ConfigError, ProsodytokError, WorkerError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.segmentation import UnitRequest

#: Utterances of a shard: the rows of a Parquet file, and the most that a killed worker loses.
SHARD_SIZE = 128

#: Callback with the number of utterances, and of those that an earlier call has finished.
OnStart = Callable[[int, int], None]
#: Callback with the outcome of one utterance.
OnOutcome = Callable[[Outcome], None]


@dataclass(frozen=True)
class Summary:
    """Contents of a complete dataset.

    Parameters
    ----------
    written : int
        Utterances with tokens.
    failed : int
        Utterances that failed.
    """

    written: int
    failed: int


def extract(
    inputs: Sequence[str | Path],
    out: str | Path,
    *,
    segments: UnitRequest = "given",
    silence_labels: Sequence[str] = (),
    checkpoint: str = DEFAULT,
    f0: str = "praat",
    f0_range: F0Range = FITTED,
    register_from: str | Path | None = None,
    search: bool = True,
    device: str = "auto",
    shard_size: int = SHARD_SIZE,
    workers: int | None = None,
    ray: str | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    on_start: OnStart | None = None,
    on_outcome: OnOutcome | None = None,
    note: Callable[[str], None] | None = None,
) -> Summary:
    """Turn a corpus into a dataset of prosody tokens; docs/extract.md is the guide.

    The output depends only on the inputs and the settings, not on the number of workers, on Ray,
    or on interruptions.

    Parameters
    ----------
    inputs : sequence of path
        Manifests, tar archives, folders and sound files, as in `find_items`.
    out : path
        Folder of the dataset.
    segments : {"given", "acoustic", "learned", "even"}
        Origin of the words; see `find_items`.
    silence_labels : sequence of str
        Labels of silence in TextGrids, beside the known ones.
    checkpoint : str
        Name of a bundled checkpoint, or a folder.
    f0 : {"praat", "world", "harvest", "swift-f0"}
        Pitch tracker.
    f0_range : F0Range
        The range in which F0 is searched, where a manifest has none.
    register_from : path, optional
        Where the registers come from, see `read_registers`; by default each utterance has its own.
    search : bool
        Choose codes by their reconstruction: better tokens, slower.
    device : {"auto", "cpu", "cuda"}
        Device of the network; ``"auto"`` uses a GPU if torch finds one. Workers of a machine with
        several GPUs are spread over them.
    shard_size : int
        Utterances of a shard.
    workers : int, optional
        Processes; by default one for each processor available to this process or, on Ray, to the
        cluster.
    ray : str, optional
        Address of a Ray cluster, or ``"local"``.
    resume : bool
        Continue an interrupted call.
    retry_failed : bool
        Continue, and repeat the shards in which an utterance failed.
    on_start : callable, optional
        Receives the number of utterances, and of those that an earlier call has finished.
    on_outcome : callable, optional
        Receives the outcome of each utterance.
    note : callable, optional
        Receives a sentence about files that are not named as sound.

    Raises
    ------
    ConfigError
        If an input, the tracker, the device or the cluster does not exist, or the dataset exists
        already or has other settings.
    CheckpointError, ManifestError, MissingExtraError
        If the checkpoint, a manifest, or a required package cannot be used.
    WorkerError
        If processes die repeatedly. Finished shards are kept.
    """
    if shard_size < 1 or (workers is not None and workers < 1):
        raise ConfigError("shard_size and workers must be at least 1")
    get_tracker(f0)
    if ray is None or device == "auto":  # an explicit device must exist on the cluster, not here
        device = resolve_device(device).partition(":")[0]
    items = find_items(inputs, segments, note, silence_labels)
    items = [item.with_f0_range(f0_range) for item in items]
    network, fingerprint = load_checkpoint(checkpoint)
    if register_from is not None:
        frontend = make_frontend(network.config, f0)
        registers = read_registers(Path(register_from), frontend, partial(_note, note), f0_range)
        items = [replace(item, source=registers.apply(item.source)) for item in items]
    shards = [
        Shard(index, items[start : start + shard_size])
        for index, start in enumerate(range(0, len(items), shard_size))
    ]
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
    with dataset.open_for_writing(settings, resume or retry_failed):
        if retry_failed:
            dataset.forget_failures()
        unfinished = [shard for shard in shards if not dataset.is_finished(shard)]
        if on_start is not None:
            on_start(len(items), len(items) - sum(len(shard.items) for shard in unfinished))
        with closing(_run(task, unfinished, workers, ray)) as outcomes:
            for outcome in outcomes:
                if on_outcome is not None:
                    on_outcome(outcome)
        summary = _count(dataset, shards)
        dataset.describe(settings, written=summary.written, failed=summary.failed)
    return summary


def _run(
    task: Task, shards: Sequence[Shard], workers: int | None, ray: str | None
) -> Generator[Outcome, None, None]:
    if not shards:
        return
    if ray is not None:
        yield from run_on_ray(task, shards, ray, workers)
        return
    with WorkerPool(task, workers or len(os.sched_getaffinity(0))) as pool:
        yield from pool.run(shards)


def _digest(items: Sequence[Item]) -> str:
    """Fingerprint of a corpus: its utterances with their metadata."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(json.dumps(asdict(item), default=str).encode())
    return digest.hexdigest()[:16]


def _note(note: Callable[[str], None] | None, audio: Path, error: ProsodytokError) -> None:
    """Report an utterance that cannot be measured for the register of its speaker."""
    if note is not None:
        note(f"left out of the register of its speaker: {audio}: {error}")


def _count(dataset: Dataset, shards: Sequence[Shard]) -> Summary:
    counts = [dataset.count(shard) for shard in shards]
    summary = Summary(sum(written for written, _ in counts), sum(failed for _, failed in counts))
    missing = sum(len(shard.items) for shard in shards) - summary.written - summary.failed
    if missing:
        raise WorkerError(f"{missing} utterances are missing: continue with --resume")
    return summary
