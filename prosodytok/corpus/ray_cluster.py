"""Worker processes of a Ray cluster, scheduled by Ray Data."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any

from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.shard_worker import Outcome, Task
from prosodytok.corpus.worker_pool import WorkerPool
from prosodytok.types.errors import ConfigError, ProsodytokError, WorkerError, require

#: Blocks of Ray Data, of one or more shards each; more of them slow it down.
MAX_BLOCKS = 10_000


def run_on_ray(
    task: Task, shards: Sequence[Shard], address: str, workers: int | None = None
) -> Iterator[Outcome]:
    """Process shards on a Ray cluster; yield the outcomes of a shard when it is finished.

    Paths must be valid on every machine. The address is that of a cluster, such as ``"auto"`` or
    ``"10.0.0.1:6379"``; ``"local"`` starts Ray on this machine. There is one process for each
    processor of the cluster by default; they share its GPUs if the task uses them. Raises
    `ConfigError` if the cluster cannot be reached, `WorkerError` if Ray fails, and the errors of
    `WorkerPool.run`.
    """
    ray = require("ray", "ray")
    require("ray.data", "ray")
    _connect(ray, address)
    try:
        resources = ray.cluster_resources()
        workers = min(workers or int(resources.get("CPU", 1)), len(shards))
        gpus = min(1.0, resources.get("GPU", 0) / workers) if task.device == "cuda" else 0.0
        yield from _run(ray, task, shards, workers, gpus)
    finally:
        ray.shutdown()


@dataclass
class _ShardResult:
    """Outcomes of a shard, and the error that stopped it; Ray passes objects unchanged."""

    outcomes: list[Outcome] = field(default_factory=list)
    error: Exception | None = None


class _Actor:
    """Ray Data actor: maps a shard to its `_ShardResult`.

    It works in a child process, so that an utterance that kills its process is identified and not
    retried by Ray without end.
    """

    def __init__(self, task: Task) -> None:
        self.pool, self.dataset = WorkerPool(task, workers=1), Dataset(task.folder)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        shard: Shard = row["shard"]
        result = _ShardResult()
        try:
            if not self.dataset.is_finished(shard):  # else Ray lost the result and retries
                result.outcomes.extend(self.pool.run([shard]))
        except (ProsodytokError, OSError) as error:
            result.error = error
        return {"result": result}


def _run(
    ray: Any, task: Task, shards: Sequence[Shard], workers: int, gpus: float
) -> Iterator[Outcome]:
    """Process shards with actors that have one processor and a share of a GPU each."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = ray.data.from_items(
        [{"shard": shard} for shard in shards], override_num_blocks=min(len(shards), MAX_BLOCKS)
    ).map(
        _Actor,
        fn_constructor_args=(task,),
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        num_gpus=floor(gpus * 1e4) / 1e4,  # Ray's resolution
    )
    try:
        for row in rows.iter_rows():
            result: _ShardResult = row["result"]
            yield from result.outcomes
            if result.error is not None:
                raise result.error
    except ray.exceptions.RayError as error:
        raise WorkerError(f"Ray failed: {error}") from error


def _connect(ray: Any, address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"no Ray cluster at {address!r} ({error}): is it running, and does it require a token "
            "(RAY_AUTH_MODE=token)?"
        ) from error
