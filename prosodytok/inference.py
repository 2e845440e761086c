"""Running a network outside the settings of torch that the calling program has made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

#: The process that imported this module; another one is its fork.
PROCESS = os.getpid()


@contextmanager
def inference(device: str = "cpu") -> Iterator[None]:
    """Context, or decorator, in which a network gives the same results in any program.

    No gradients; no autocast, whose half precision changes codes; and new tensors lie on the CPU,
    whatever the default device. torch keeps these settings for each thread. The default dtype is
    one for all threads, so it is left alone, and code states its dtypes instead. In a forked
    process, such as one of `multiprocessing.Pool` or of `datasets`, torch runs on one thread.

    Parameters
    ----------
    device : str
        Type of the device that the network runs on, such as ``"cuda"``.
    """
    if os.getpid() != PROCESS:
        torch.set_num_threads(1)  # a fork would wait forever for the threads of its parent
    with torch.inference_mode(), torch.autocast(device, enabled=False), tensors_on_cpu():
        yield


@contextmanager
def tensors_on_cpu() -> Iterator[None]:
    """Context in which new tensors lie on the CPU, whatever the default device."""
    # The context slows every call of torch, so it is entered only where it changes something.
    elsewhere = torch.get_default_device().type != "cpu"
    with torch.device("cpu") if elsewhere else nullcontext():
        yield
