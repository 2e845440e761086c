"""Worker processes of a Ray cluster, through Ray Data, which schedules them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any

from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.pool import Pool
from prosodytok.corpus.worker import Outcome, Task
from prosodytok.types.errors import ConfigError, ProsodytokError, WorkerError, require

#: Blocks that Ray Data hands out, of a shard or more each; more than this slow it down.
MAX_BLOCKS = 10_000


def run_ray(
    task: Task, shards: Sequence[Shard], address: str, workers: int | None = None
) -> Iterator[Outcome]:
    """Work on shards on a Ray cluster, and tell of each utterance when its shard is finished.

    Parameters
    ----------
    task, shards
        The work; its paths must mean the same on every machine.
    address : str
        A cluster's, such as ``"auto"`` or ``"10.0.0.1:6379"``; or ``"local"``, which starts Ray on
        this machine.
    workers : int, optional
        Processes; by default as many as the cluster has processors. They share its GPUs where the
        task is for these.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    ConfigError
        If there is no such cluster.
    WorkerError
        If Ray gives up.
    ProsodytokError, OSError
        As `Pool.run`.
    """
    ray = require("ray", "ray")
    require("ray.data", "ray")
    _connect(ray, address)
    try:
        has = ray.cluster_resources()
        workers = min(workers or int(has.get("CPU", 1)), len(shards))
        gpus = min(1.0, has.get("GPU", 0) / workers) if task.device == "cuda" else 0.0
        yield from _run(ray, task, shards, workers, gpus)
    finally:
        ray.shutdown()


@dataclass
class _Told:
    """What became of a shard; an object, which Ray hands on as it is."""

    outcomes: list[Outcome] = field(default_factory=list)
    error: Exception | None = None


class _Actor:
    """A worker as Ray Data calls it: a shard in, its outcomes out, and the error if there was one.

    It has a process of its own, so that an utterance that ends a process is found here as well, and
    not begun by Ray again and again.
    """

    def __init__(self, task: Task) -> None:
        self.pool, self.dataset = Pool(task, workers=1), Dataset(task.folder)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        shard: Shard = row["shard"]
        told = _Told()
        try:
            if not self.dataset.is_finished(shard):  # else Ray lost the answer and asks again
                told.outcomes.extend(self.pool.run([shard]))
        except (ProsodytokError, OSError) as error:
            told.error = error
        return {"told": told}


def _run(
    ray: Any, task: Task, shards: Sequence[Shard], workers: int, gpus: float
) -> Iterator[Outcome]:
    """Work on shards by so many workers, each with a processor and such a part of a GPU."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = ray.data.from_items(
        [{"shard": shard} for shard in shards],
        override_num_blocks=min(len(shards), MAX_BLOCKS),
    ).map(
        _Actor,
        fn_constructor_args=(task,),
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        num_gpus=floor(gpus * 1e4) / 1e4,  # Ray counts in these steps
    )
    try:
        for row in rows.iter_rows():
            told: _Told = row["told"]
            yield from told.outcomes
            if told.error is not None:
                raise told.error
    except ray.exceptions.RayError as error:
        raise WorkerError(f"Ray gave up: {error}") from error


def _connect(ray: Any, address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # tells nobody
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"no Ray cluster at {address!r} ({error}): does it run, and does it want a token "
            "(RAY_AUTH_MODE=token)?"
        ) from error
