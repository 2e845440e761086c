"""Worker processes on this machine: one that is killed is replaced, and never waited for."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from prosodytok.corpus.dataset import Dataset, Shard
from prosodytok.corpus.worker import Outcome, Task, Worker
from prosodytok.errors import ProsodytokError, WorkerError

#: A process may die of what others do (memory). Of an utterance it dies again.
MAX_DEATHS = 2
MAX_DEATHS_OF_SHARD = 10
#: Seconds in which a process that is told to end may tidy up.
GRACE = 5.0

_SPAWN = get_context("spawn")  # a fork of a process with threads, as torch's, can lock up


def run_processes(
    task: Task, shards: Sequence[Shard], workers: int
) -> Generator[Outcome, None, None]:
    """Work on shards in several processes, and tell what becomes of each utterance as it is known.

    A process that ends by itself, as one does that is killed for want of memory, is replaced, and
    its shard begun again. An utterance at which that happens twice counts as unusable.

    Raises
    ------
    WorkerError
        If a process cannot start, or processes end again and again at one shard.
    ProsodytokError, OSError
        What a worker raises: the call is wrong, or a shard cannot be written.
    """
    pool = _Pool(task, shards)
    try:
        pool.start(min(workers, len(shards)))
        while pool.processes:
            yield from pool.next()
    finally:
        pool.end()


class _Pool:
    """The processes, and what is left to do."""

    def __init__(self, task: Task, shards: Sequence[Shard]) -> None:
        self.task = task
        self.left = deque(shards)
        self.processes: dict[Connection, _Process] = {}
        self.deaths: dict[int, Counter[int]] = {}  # of each shard, by how far it was
        self.told: Counter[int] = Counter()  # utterances of each shard

    def start(self, count: int) -> None:
        with _inherited():
            for _ in range(count):
                process = _Process(self.task)
                self.processes[process.pipe] = process

    def next(self) -> Iterator[Outcome]:
        """Wait until something happens, and see to it."""
        for pipe in wait(list(self.processes)):
            process = self.processes[cast(Connection, pipe)]
            try:
                message = process.pipe.recv()
            except (EOFError, OSError):
                self._died(process)
                continue
            if isinstance(message, Exception):
                raise message
            if message is None:
                self._give(process)
            elif self._is_news(process):
                yield message

    def end(self) -> None:
        """End what still runs, whatever it does."""
        for process in self.processes.values():
            process.process.terminate()
        for process in self.processes.values():
            process.join()

    def _give(self, process: _Process) -> None:
        """Hand out the next shard; without one, the process ends."""
        if self.left:
            process.give(self.left.popleft())
            return
        del self.processes[process.pipe]
        process.give(None)
        process.join()

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
        if shard is None:
            raise WorkerError(
                f"a worker process could not start ({how}); a program that calls `extract` must "
                'do so under `if __name__ == "__main__":`'
            )
        if Dataset(self.task.folder).rows(shard.index) is None:
            self.left.appendleft(self._again(shard, process.done, how))
        self.start(1)

    def _again(self, shard: Shard, number: int, how: str) -> Shard:
        """The shard to begin again; an utterance at which processes died is marked as unusable."""
        deaths = self.deaths.setdefault(shard.index, Counter())
        deaths[number] += 1
        if deaths.total() > MAX_DEATHS_OF_SHARD or deaths[len(shard.items)] == MAX_DEATHS:
            raise WorkerError(
                f"worker processes ended again and again ({how}): does the machine lack memory? "
                "Go on with --resume and fewer --workers"
            )
        if deaths[number] < MAX_DEATHS:
            return shard
        items = list(shard.items)
        problem = f"its worker process ended {MAX_DEATHS} times ({how}): does it fit in memory?"
        items[number] = replace(items[number], problem=problem)
        return replace(shard, items=items)


class _Process:
    """One worker process, seen from outside."""

    def __init__(self, task: Task) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.shard: Shard | None = None
        self.done = 0
        self.process = _SPAWN.Process(target=_serve, args=(theirs, task), daemon=True)
        self.process.start()
        theirs.close()  # so that its end is heard when the process is gone

    def give(self, shard: Shard | None) -> None:
        self.shard, self.done = shard, 0
        with suppress(OSError):  # it is gone: the next `recv` says so
            self.pipe.send(shard)

    def join(self) -> None:
        self.process.join(GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, task: Task) -> None:
    """Work on one shard after the other; what is sent is an outcome, an error, or None for more."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        worker = Worker(task)
        pipe.send(None)
        while (shard := pipe.recv()) is not None:
            worker(shard, pipe.send)
            pipe.send(None)
    except (EOFError, BrokenPipeError):  # nobody waits for it any more
        pass
    except (ProsodytokError, OSError) as error:
        pipe.send(error)


def _leave(*_: Any) -> None:
    """End in the usual way, which removes temporary files."""
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
