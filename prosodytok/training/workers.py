"""Worker processes that make features of many utterances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

import torch
from rich.console import Console
from rich.progress import track

from prosodytok.types.errors import WorkerError

Result = TypeVar("Result")

#: A fork of a process in which torch has started threads can wait for them for ever. To start anew
#: takes some seconds of imports, once for each worker.
_SPAWN = get_context("spawn")


def in_workers(
    work: Callable[..., Result], *columns: Sequence[Any], what: str, workers: int, chunk: int = 1
) -> list[Result]:
    """Call a function with each row of some columns in worker processes, of one thread each.

    Parameters
    ----------
    work : callable
        What to do; of a module, since the processes import it.
    *columns : sequence
        Its first arguments, its second arguments, and so on.
    what : str
        Name of the progress bar.
    workers : int
        Processes at most.
    chunk : int
        Rows that are sent to a process together.

    Returns
    -------
    list
        What it gives, in the order of the rows.

    Raises
    ------
    WorkerError
        If a process cannot start, or is killed.
    """
    console = Console(stderr=True)
    hidden, total = not console.is_terminal, len(columns[0])
    try:
        with ProcessPoolExecutor(workers, _SPAWN, torch.set_num_threads, (1,)) as pool:
            done = pool.map(work, *columns, chunksize=chunk)
            return list(track(done, what, total=total, console=console, disable=hidden))
    except BrokenProcessPool as error:
        raise WorkerError(
            f"{what}: a worker process ended: does the machine lack memory? Call again, with fewer "
            'workers where they can be set; a program does so under `if __name__ == "__main__":`'
        ) from error
