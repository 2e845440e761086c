"""Prosody as arrays for the peers, and the weights of errors in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok import Prosody
from prosodytok.types import Register
from prosodytok.types.register import denormalize, normalize

Array = NDArray[np.float32]

#: Weights of errors, relative to a squared semitone in a voiced frame: a squared semitone in an
#: unvoiced frame, where F0 is interpolated; a wrong voicing; and a squared dB. Chosen on held-out
#: training speech so that methods spend their bits on all three.
UNVOICED, VOICING, ENERGY = 0.01, 12.0, 0.03


def to_tracks(prosody: Prosody, register: Register) -> Array:
    """F0, voicing and energy normalised by the register, shape (T, 3)."""
    return normalize(prosody, register)


def from_tracks(tracks: Array, register: Register) -> Prosody:
    """Inverse of `to_tracks` for estimates (T, 3); a voicing over 0.5 is voiced."""
    f0, voicing, energy = tracks.T
    return denormalize(f0, voicing > 0.5, energy, register)


def weights(prosody: Prosody, register: Register) -> Array:
    """Weight of the squared error of each entry of `to_tracks`, shape (T, 3)."""
    f0 = np.where(prosody.voiced, 1.0, UNVOICED) * register.f0_spread_st**2
    energy = np.full(f0.shape, ENERGY * register.energy_range_db**2)
    return np.stack([f0, np.full(f0.shape, VOICING), energy], axis=1).astype(np.float32)


def to_blocks(values: Array, size: int, pad: str = "edge") -> Array:
    """Split frames (T, C) into blocks (N, size, C), padded by the last frame or zeros."""
    missing = -len(values) % size
    padded = np.pad(values, ((0, missing), (0, 0)), mode=pad)  # type: ignore[call-overload]
    blocks: Array = padded.reshape(-1, size, values.shape[1])
    return blocks
