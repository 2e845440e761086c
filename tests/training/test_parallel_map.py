import os
import signal

import pytest
import torch

from prosodytok.training.parallel_map import parallel_map
from prosodytok.types.errors import WorkerError

pytestmark = pytest.mark.slow

STATE = ["new"]


def state_and_threads(*_: object) -> tuple[str, int]:
    """State of this module in the worker, and its number of torch threads."""
    return STATE[0], torch.get_num_threads()


def die_at(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_workers_are_spawned_with_one_thread() -> None:
    """A fork of a process in which torch has started threads can deadlock."""
    STATE[0], threads = "old", torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert parallel_map(state_and_threads, [1], [2], description="", workers=1) == [("new", 1)]
    finally:
        STATE[0] = "new"
        torch.set_num_threads(threads)


def test_a_killed_worker_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    """As when the machine runs out of memory."""
    with pytest.raises(WorkerError, match=r"3 numbers: a worker process ended.*fewer workers"):
        parallel_map(die_at, [0, 1, 2], description="3 numbers", workers=1)
    assert "Traceback" not in capfd.readouterr().err
