"""Peers that were fitted once are kept on disk and read on later runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from prosodytok.io.atomic import atomic_path
from prosodytok.training.feature_cache import CachedUtterance

from .protocol import Peer


def path_of(peer: Peer, folder: Path) -> Path:
    """Where a peer is kept."""
    return folder / (re.sub(r"[^a-z0-9.]+", "-", peer.name.lower()) + ".safetensors")


def ready(
    peer: Peer,
    folder: Path,
    speech: Callable[[], Sequence[CachedUtterance]],
    retrain: bool = False,
) -> bool:
    """Make a peer ready, from disk if it is there, else by fitting it to `speech`.

    Returns
    -------
    bool
        Whether it was fitted.
    """
    path = path_of(peer, folder)
    if path.is_file() and not retrain:
        peer.load(load_file(path))
        return False
    peer.fit(speech())
    keep(peer, folder)
    return True


def keep(peer: Peer, folder: Path) -> None:
    """Write what a peer learned."""
    with atomic_path(path_of(peer, folder)) as temporary:
        save_file({k: np.ascontiguousarray(v) for k, v in peer.state().items()}, temporary)
