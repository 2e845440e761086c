"""Files of fitted peers, which later runs load."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from prosodytok.io.atomic import atomic_path
from prosodytok.training.feature_cache import CachedUtterance

from .peer import Peer


def peer_path(peer: Peer, folder: Path) -> Path:
    """Path of a peer's file."""
    return folder / (re.sub(r"[^a-z0-9.]+", "-", peer.name.lower()) + ".safetensors")


def load_or_fit(
    peer: Peer, folder: Path, speech: Callable[[], Sequence[CachedUtterance]], retrain: bool = False
) -> bool:
    """Load a peer from its file if it exists, else fit it to `speech`; whether it was fitted."""
    path = peer_path(peer, folder)
    if path.is_file() and not retrain:
        peer.load(load_file(path))
        return False
    peer.fit(speech())
    save_peer(peer, folder)
    return True


def save_peer(peer: Peer, folder: Path) -> None:
    """Write the fitted parameters of a peer."""
    with atomic_path(peer_path(peer, folder)) as temporary:
        save_file({k: np.ascontiguousarray(v) for k, v in peer.state().items()}, temporary)
