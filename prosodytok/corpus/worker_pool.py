"""Worker processes on this machine; a killed process is replaced."""

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
from prosodytok.corpus.shard_worker import Outcome, Task, Worker
from prosodytok.types.errors import ProsodytokError, WorkerError

#: Deaths at one utterance that make it unusable: the first may be caused by other processes
#: (memory), the second is the utterance's.
MAX_DEATHS = 2
#: Deaths in one shard, plus a tenth of its utterances, beyond which the machine is too small.
MAX_DEATHS_OF_SHARD = 10
#: Position of a process that died while working on several utterances at once.
UNKNOWN = -1
#: Time that a terminated process has for its clean-up (s).
GRACE = 5.0

LACKS_MEMORY = "does the machine lack memory? Continue with --resume and fewer --workers"
UNGUARDED = 'a program must call `extract` under `if __name__ == "__main__":`'

_SPAWN = get_context("spawn")  # forking a process with threads, such as torch's, can deadlock


class WorkerPool:
    """Up to a number of worker processes, each of which loads the tokenizer once.

    A process that dies (for example, killed for lack of memory) is replaced, and its shard is
    repeated one utterance at a time. An utterance at which processes die twice is unusable.
    """

    def __init__(self, task: Task, workers: int) -> None:
        self.task, self.workers = task, workers
        self.waiting: deque[Shard] = deque()
        self.processes: dict[Connection, _Process] = {}
        self.deaths: dict[int, Counter[int]] = {}  # by shard and position in it
        self.reported: Counter[int] = Counter()  # utterances by shard
        self.numbers = count()  # of the started processes

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Terminate the processes."""
        for process in self.processes.values():
            process.process.terminate()
        for process in self.processes.values():
            process.join()
        self.processes.clear()

    def run(self, shards: Sequence[Shard]) -> Iterator[Outcome]:
        """Process shards and yield the outcome of each utterance.

        Raises `WorkerError` if a process cannot start, or processes die repeatedly at one shard,
        and the errors of `Worker.__call__`.
        """
        self.waiting.extend(shards)
        while self.waiting or self._busy:
            self._distribute()
            for pipe in wait(list(self.processes)):
                yield from self._receive(self.processes[cast(Connection, pipe)])

    @property
    def _busy(self) -> int:
        return sum(process.shard is not None for process in self.processes.values())

    def _distribute(self) -> None:
        """Send shards to idle processes, and start more processes where shards are left."""
        for process in self.processes.values():
            if self.waiting and process.is_ready and process.shard is None:
                process.send(self.waiting.popleft())
        missing = min(self.workers, self._busy + len(self.waiting)) - len(self.processes)
        with _child_environment():
            for _ in range(missing):
                process = _Process(self.task, next(self.numbers))
                self.processes[process.pipe] = process

    def _receive(self, process: _Process) -> Iterator[Outcome]:
        try:
            message = process.pipe.recv()
        except (EOFError, OSError):
            self._handle_death(process)
            return
        if isinstance(message, Exception):
            raise message
        if message is None:
            process.is_ready, process.shard = True, None
        elif self._is_unreported(process):
            yield message

    def _is_unreported(self, process: _Process) -> bool:
        """Count an utterance; False if it was reported before its shard was repeated."""
        assert process.shard is not None
        process.done += 1
        if process.done <= self.reported[process.shard.index]:
            return False
        self.reported[process.shard.index] = process.done
        return True

    def _handle_death(self, process: _Process) -> None:
        del self.processes[process.pipe]
        process.join()
        cause, shard = _exit_cause(process.process.exitcode), process.shard
        if not process.is_ready:
            advice = LACKS_MEMORY if self.reported else UNGUARDED
            raise WorkerError(f"a worker process could not start ({cause}): {advice}")
        if shard is not None and not Dataset(self.task.folder).is_finished(shard):
            self.waiting.appendleft(self._shard_to_repeat(shard, process.done, cause))

    def _shard_to_repeat(self, shard: Shard, number: int, cause: str) -> Shard:
        """Shard with the utterance marked as unusable at which processes died repeatedly."""
        deaths = self.deaths.setdefault(shard.index, Counter())
        number = number if shard.one_by_one else UNKNOWN
        deaths[number] += 1
        limit = MAX_DEATHS_OF_SHARD + len(shard.items) // 10
        if deaths.total() > limit or deaths[len(shard.items)] == MAX_DEATHS:
            raise WorkerError(f"worker processes died repeatedly ({cause}): {LACKS_MEMORY}")
        if deaths[number] < MAX_DEATHS:
            return replace(shard, one_by_one=True)
        items = list(shard.items)
        problem = f"its worker process died {MAX_DEATHS} times ({cause}): does it fit in memory?"
        items[number] = replace(items[number], problem=problem)
        return replace(shard, items=items)


class _Process:
    """Parent's end of one worker process."""

    def __init__(self, task: Task, number: int) -> None:
        self.pipe, child_end = _SPAWN.Pipe()
        self.is_ready = False
        self.shard: Shard | None = None
        self.done = 0  # utterances of the shard
        self.process = _SPAWN.Process(target=_serve, args=(child_end, task, number), daemon=True)
        self.process.start()
        child_end.close()  # else `recv` does not notice the death of the process

    def send(self, shard: Shard) -> None:
        self.shard, self.done = shard, 0
        with suppress(OSError):  # the process is dead: the next `recv` raises
            self.pipe.send(shard)

    def join(self) -> None:
        self.process.join(GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, task: Task, number: int) -> None:
    """Process shards from a pipe; send back outcomes, an error, or None to request a shard."""
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the parent sends SIGTERM
    try:
        torch.set_num_threads(1)
        os.chdir(task.working_folder)
        worker = Worker(task, number)
        while True:
            pipe.send(None)
            worker(pipe.recv(), pipe.send)
    except (EOFError, BrokenPipeError, SystemExit):  # the parent is gone, or ends the run
        pass
    except (ProsodytokError, OSError) as error:
        pipe.send(error)
    os._exit(0)  # the interpreter's clean-up of torch takes a second


def _exit(*_: Any) -> None:
    """End by an exception, so that temporary files are removed."""
    raise SystemExit


@contextmanager
def _child_environment() -> Iterator[None]:
    """Processes started within the block have one thread and do not receive Ctrl-C."""
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


def _exit_cause(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
