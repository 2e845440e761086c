"""Worker processes of a Ray cluster, through Ray Data, which schedules them."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.worker import Outcome, Task, Worker
from prosodytok.errors import WorkerError, require

#: Blocks that Ray Data hands out, of a shard or more each; more than this slow it down.
MAX_BLOCKS = 10_000
#: How often Ray begins a shard again when its process or machine is gone.
MAX_RETRIES = 3


def run_ray(
    task: Task, shards: Sequence[Shard], address: str, workers: int | None = None
) -> Generator[Outcome, None, None]:
    """Work on shards on a Ray cluster, and tell of each utterance when its shard is finished.

    Parameters
    ----------
    task, shards
        The work; its paths must mean the same on every machine.
    address : str
        A cluster's, such as ``"auto"`` or ``"10.0.0.1:6379"``; or ``"local"``, which starts Ray on
        this machine.
    workers : int, optional
        Processes; by default as many as the cluster has processors.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    WorkerError
        If the cluster cannot be reached, or processes end again and again.
    """
    ray = require("ray", "ray")
    require("ray.data", "ray")
    _connect(ray, address)
    try:
        workers = workers or int(ray.cluster_resources().get("CPU", 1))
        yield from _run(ray, task, shards, min(workers, len(shards)))
    finally:
        ray.shutdown()


class _Actor:
    """A worker as Ray Data calls it: a shard in, its outcomes out."""

    def __init__(self, task: Task) -> None:
        self.worker = Worker(task)
        self.dataset = Dataset(task.folder)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        shard: Shard = pickle.loads(row["shard"])
        outcomes: list[Outcome] = []
        if self.dataset.rows(shard.index) is None:  # else Ray has lost the answer, and asks again
            self.worker(shard, outcomes.append)
        return {"outcomes": pickle.dumps(outcomes)}


def _run(ray: Any, task: Task, shards: Sequence[Shard], workers: int) -> Iterator[Outcome]:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    work = ray.data.from_items(
        [{"shard": pickle.dumps(shard)} for shard in shards],
        override_num_blocks=min(len(shards), MAX_BLOCKS),
    ).map(
        _Actor,
        fn_constructor_args=(task,),
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
        ray_remote_args_fn=lambda: {"max_restarts": MAX_RETRIES, "max_task_retries": MAX_RETRIES},
    )
    try:
        for row in work.iter_rows():
            yield from pickle.loads(row["outcomes"])
    except ray.exceptions.RayError as error:
        raise _cause(error) from error


def _connect(ray: Any, address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # tells nobody
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "error")
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    options: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise WorkerError(f"no Ray cluster at {address!r} ({error})") from error


def _cause(error: Exception) -> Exception:
    """What a worker raised, if it was the worker; else that Ray has lost it."""
    cause = getattr(error, "cause", None)
    return WorkerError(str(error))
