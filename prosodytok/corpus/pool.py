"""Worker processes on this machine: one that is killed is replaced, and never waited for."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, cast

import torch

from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.worker import Outcome, Task, Worker
from prosodytok.types.errors import ProsodytokError, WorkerError

#: A process may die of what others do (memory). Of an utterance it dies again.
MAX_DEATHS = 2
#: Beside a tenth of its utterances: where most are deadly, it is the machine that is too small.
MAX_DEATHS_OF_SHARD = 10
#: Where a process was that worked on several utterances at once.
UNKNOWN = -1
#: Seconds in which a process that is told to end may tidy up.
GRACE = 5.0

LACKS_MEMORY = "does the machine lack memory? Go on with --resume and fewer --workers"
UNGUARDED = 'a program that calls `extract` must do so under `if __name__ == "__main__":`'

_SPAWN = get_context("spawn")  # a fork of a process with threads, as torch's, can lock up


class Pool:
    """Worker processes, each of which loads the tokenizer once.

    A process that ends by itself, as one does that is killed for want of memory, is replaced, and
    its shard begun again, now one utterance by one. That at which it happens twice is unusable.

    Parameters
    ----------
    task : Task
        What they are to do.
    workers : int
        How many there are at most.
    """

    def __init__(self, task: Task, workers: int) -> None:
        self.task, self.workers = task, workers
        self.left: deque[Shard] = deque()
        self.processes: dict[Connection, _Process] = {}
        self.deaths: dict[int, Counter[int]] = {}  # of each shard, by how far it was
        self.told: Counter[int] = Counter()  # utterances of each shard
        self.numbers = count()  # of the processes that were started

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they do."""
        for process in self.processes.values():
            process.process.terminate()
        for process in self.processes.values():
            process.join()
        self.processes.clear()

    def run(self, shards: Sequence[Shard]) -> Iterator[Outcome]:
        """Work on shards, and tell what becomes of each utterance as it is known.

        Raises
        ------
        WorkerError
            If a process cannot start, or processes end again and again at one shard.
        ProsodytokError, OSError
            What a worker raises: the call is wrong, or a shard cannot be written.
        """
        self.left.extend(shards)
        while self.left or self._busy:
            self._hand_out()
            for pipe in wait(list(self.processes)):
                yield from self._hear(self.processes[cast(Connection, pipe)])

    @property
    def _busy(self) -> int:
        return sum(process.shard is not None for process in self.processes.values())

    def _hand_out(self) -> None:
        """Give shards to the processes that have none, and start those that are wanted."""
        for process in self.processes.values():
            if self.left and process.is_ready and process.shard is None:
                process.give(self.left.popleft())
        wanted = min(self.workers, self._busy + len(self.left)) - len(self.processes)
        with _inherited():
            for _ in range(wanted):
                process = _Process(self.task, next(self.numbers))
                self.processes[process.pipe] = process

    def _hear(self, process: _Process) -> Iterator[Outcome]:
        try:
            message = process.pipe.recv()
        except (EOFError, OSError):
            self._died(process)
            return
        if isinstance(message, Exception):
            raise message
        if message is None:
            process.is_ready, process.shard = True, None
        elif self._is_news(process):
            yield message

    def _is_news(self, process: _Process) -> bool:
        """Count an utterance; what was told before its shard was begun again is no news."""
        assert process.shard is not None
        process.done += 1
        if process.done <= self.told[process.shard.index]:
            return False
        self.told[process.shard.index] = process.done
        return True

    def _died(self, process: _Process) -> None:
        del self.processes[process.pipe]
        process.join()
        how, shard = _how_it_ended(process.process.exitcode), process.shard
        if not process.is_ready:
            advice = LACKS_MEMORY if self.told else UNGUARDED
            raise WorkerError(f"a worker process could not start ({how}): {advice}")
        if shard is not None and not Dataset(self.task.folder).is_finished(shard):
            self.left.appendleft(self._again(shard, process.done, how))

    def _again(self, shard: Shard, number: int, how: str) -> Shard:
        """The shard to begin again; an utterance at which processes died is marked as unusable."""
        deaths = self.deaths.setdefault(shard.index, Counter())
        number = number if shard.one_by_one else UNKNOWN
        deaths[number] += 1
        most = MAX_DEATHS_OF_SHARD + len(shard.items) // 10
        if deaths.total() > most or deaths[len(shard.items)] == MAX_DEATHS:
            raise WorkerError(f"worker processes ended again and again ({how}): {LACKS_MEMORY}")
        if deaths[number] < MAX_DEATHS:
            return replace(shard, one_by_one=True)
        items = list(shard.items)
        problem = f"its worker process ended {MAX_DEATHS} times ({how}): does it fit in memory?"
        items[number] = replace(items[number], problem=problem)
        return replace(shard, items=items)


class _Process:
    """One worker process, seen from outside."""

    def __init__(self, task: Task, number: int) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.is_ready = False
        self.shard: Shard | None = None
        self.done = 0  # of its utterances
        self.process = _SPAWN.Process(target=_serve, args=(theirs, task, number), daemon=True)
        self.process.start()
        theirs.close()  # so that its end is heard when the process is gone

    def give(self, shard: Shard) -> None:
        self.shard, self.done = shard, 0
        with suppress(OSError):  # it is gone: the next `recv` says so
            self.pipe.send(shard)

    def join(self) -> None:
        self.process.join(GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, task: Task, number: int) -> None:
    """Work on one shard after the other; what is sent is an outcome, an error, or None for more."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the parent tells, by SIGTERM
    try:
        torch.set_num_threads(1)
        os.chdir(task.folder_of_call)
        worker = Worker(task, number)
        while True:
            pipe.send(None)
            worker(pipe.recv(), pipe.send)
    except (EOFError, BrokenPipeError, SystemExit):  # nobody waits for it any more
        pass
    except (ProsodytokError, OSError) as error:
        pipe.send(error)
    os._exit(0)  # to take torch apart would take another second


def _leave(*_: Any) -> None:
    """End by an exception, on whose way temporary files are removed."""
    raise SystemExit


@contextmanager
def _inherited() -> Iterator[None]:
    """What processes started within inherit: one thread, and no Ctrl-C of their own."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _how_it_ended(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
