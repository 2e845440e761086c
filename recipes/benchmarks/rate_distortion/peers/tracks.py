"""Prosody as arrays that peers code, and what an error in them weighs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok import Prosody
from prosodytok.types import Register
from prosodytok.types.register import denormalize, normalize

Array = NDArray[np.float32]

#: What an error weighs, beside 1 for a squared semitone in a voiced frame: the same in an unvoiced
#: frame, where F0 is but interpolated; a wrong voicing; and a squared dB. Chosen on held-out
#: training speech so that methods spend their bits on all three.
UNVOICED, VOICING, ENERGY = 0.01, 12.0, 0.03


def to_tracks(prosody: Prosody, register: Register) -> Array:
    """F0 in spreads, voicing and energy in ranges, shape (T, 3): the register is taken out."""
    return normalize(prosody, register)


def from_tracks(tracks: Array, register: Register) -> Prosody:
    """Undo `to_tracks`, of estimates (T, 3); a frame is voiced where its voicing is over a half."""
    f0, voicing, energy = tracks.T
    return denormalize(f0, voicing > 0.5, energy, register)


def weights(prosody: Prosody, register: Register) -> Array:
    """What a squared error of each entry of `to_tracks` costs, shape (T, 3)."""
    f0 = np.where(prosody.voiced, 1.0, UNVOICED) * register.f0_spread_st**2
    energy = np.full(f0.shape, ENERGY * register.energy_range_db**2)
    return np.stack([f0, np.full(f0.shape, VOICING), energy], axis=1).astype(np.float32)


def to_cells(values: Array, size: int, pad: str = "edge") -> Array:
    """Cut frames (T, C) into cells (N, size, C); the last is filled with its last frame.

    With `pad` "constant" it is filled with zeros, as weights must be.
    """
    missing = -len(values) % size
    padded = np.pad(values, ((0, missing), (0, 0)), mode=pad)  # type: ignore[call-overload]
    cells: Array = padded.reshape(-1, size, values.shape[1])
    return cells
