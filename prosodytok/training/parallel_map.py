"""A map over worker processes, for feature extraction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

import torch
from rich.console import Console
from rich.progress import track

from prosodytok.types.errors import WorkerError

Result = TypeVar("Result")
Item = TypeVar("Item")

#: Spawned, not forked: a fork of a process in which torch has started threads can deadlock.
#: Spawning costs some seconds of imports, once for each worker.
_SPAWN = get_context("spawn")


def parallel_map(
    function: Callable[..., Result],
    *columns: Sequence[Any],
    description: str,
    workers: int,
    chunk_size: int = 1,
) -> list[Result]:
    """Call a function of a module with each row of some columns, in single-threaded processes.

    Results are in the order of the rows, of which `chunk_size` are sent to a process together;
    `description` names the progress bar. Raises `WorkerError` if a process cannot start, or is
    killed.
    """
    try:
        with ProcessPoolExecutor(workers, _SPAWN, torch.set_num_threads, (1,)) as pool:
            results = pool.map(function, *columns, chunksize=chunk_size)
            return list(show_progress(results, description, len(columns[0])))
    except BrokenProcessPool as error:
        raise WorkerError(
            f"{description}: a worker process ended, perhaps for lack of memory: call again, with "
            'fewer workers if possible; in a script, under `if __name__ == "__main__":`'
        ) from error


def show_progress(
    items: Iterable[Item], description: str, total: int | None = None
) -> Iterable[Item]:
    """The items, with a progress bar on stderr where it is a terminal."""
    console = Console(stderr=True)
    return track(items, description, total=total, console=console, disable=not console.is_terminal)
