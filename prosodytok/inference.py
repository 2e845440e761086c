"""Running a network outside the settings of torch that the calling program has made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch


@contextmanager
def inference(device: str = "cpu") -> Iterator[None]:
    """Context, or decorator, in which a network gives the same results in any program.

    No gradients; no autocast, whose half precision changes codes; and new tensors lie on the CPU,
    whatever the default device. torch keeps these settings for each thread. The default dtype is
    one for all threads, so it is left alone, and code states its dtypes instead.

    Parameters
    ----------
    device : str
        Type of the device that the network runs on, such as ``"cuda"``.
    """
    with torch.inference_mode(), torch.autocast(device, enabled=False), tensors_on_cpu():
        yield


@contextmanager
def tensors_on_cpu() -> Iterator[None]:
    """Context in which new tensors lie on the CPU, whatever the default device."""
    # The context slows every call of torch, so it is entered only where it changes something.
    elsewhere = torch.get_default_device().type != "cpu"
    with torch.device("cpu") if elsewhere else nullcontext():
        yield
