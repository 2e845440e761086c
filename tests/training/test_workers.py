import os
import signal

import pytest
import torch

from prosodytok.training.workers import in_workers
from prosodytok.types.errors import WorkerError

STATE = ["new"]


def what_is_seen(*_: object) -> tuple[str, int]:
    """Of this module, and how many threads torch would wake."""
    return STATE[0], torch.get_num_threads()


def die_at(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_workers_begin_anew_with_one_thread() -> None:
    """A fork of a process in which torch has started threads can wait for them for ever."""
    STATE[0], threads = "old", torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert in_workers(what_is_seen, [1], [2], what="", workers=1) == [("new", 1)]
    finally:
        STATE[0] = "new"
        torch.set_num_threads(threads)


def test_a_worker_that_is_killed_is_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    """As by a machine that lacks memory."""
    with pytest.raises(WorkerError, match=r"3 numbers: a worker process ended.*fewer workers"):
        in_workers(die_at, [0, 1, 2], what="3 numbers", workers=1)
    assert "Traceback" not in capfd.readouterr().err
