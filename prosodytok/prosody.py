"""Prosody: F0, voicing and energy of one utterance on one frame grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.errors import ProsodytokError
from prosodytok.files import atomic_path
from prosodytok.units import FRAME_RATE, frame_times


@dataclass(frozen=True)
class Prosody:
    """What the voice did, frame by frame.

    Parameters
    ----------
    f0 : (T,) float32
        Fundamental frequency in Hz, interpolated through unvoiced frames, positive and finite.
    voiced : (T,) bool
        Where the voice sounds.
    energy : (T,) float32
        Energy in dB.
    frame_rate : float
        Frames per second (Hz); frame ``i`` is centred at ``(i + 0.5) / frame_rate`` seconds.
    """

    f0: NDArray[np.float32]
    voiced: NDArray[np.bool_]
    energy: NDArray[np.float32]
    frame_rate: float = FRAME_RATE

    def __post_init__(self) -> None:
        f0 = np.asarray(self.f0, dtype=np.float32)
        voiced = np.asarray(self.voiced, dtype=bool)
        energy = np.asarray(self.energy, dtype=np.float32)
        if f0.ndim != 1 or f0.size == 0 or not f0.shape == voiced.shape == energy.shape:
            shapes = f"{f0.shape}, {voiced.shape}, {energy.shape}"
            raise ProsodytokError(
                f"f0, voiced and energy must share one shape (T,), T > 0; got {shapes}"
            )
        if not (np.isfinite(f0).all() and (f0 > 0).all() and np.isfinite(energy).all()):
            raise ProsodytokError(
                "f0 must be positive and finite everywhere, energy finite everywhere"
            )
        for name, value in (("f0", f0), ("voiced", voiced), ("energy", energy)):
            object.__setattr__(self, name, value)

    @property
    def num_frames(self) -> int:
        """Number of frames T."""
        return int(self.f0.size)

    @property
    def times(self) -> NDArray[np.float64]:
        """Centres of the frames in seconds, shape (T,)."""
        return frame_times(self.num_frames, self.frame_rate)

    def to_npz(self, path: str | Path) -> None:
        """Write the contract's arrays: time_s, f0_hz, voiced, energy_db, each of shape (T,)."""
        with atomic_path(path) as temporary:
            np.savez_compressed(
                temporary,
                time_s=self.times,
                f0_hz=self.f0,
                voiced=self.voiced,
                energy_db=self.energy,
            )

    @classmethod
    def from_npz(cls, path: str | Path) -> Prosody:
        """Read what `to_npz` wrote."""
        with np.load(Path(path), allow_pickle=False) as data:
            return cls(data["f0_hz"], data["voiced"], data["energy_db"])
