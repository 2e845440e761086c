"""Prosody: F0, voicing and energy of one utterance on one frame grid."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.errors import ProsodytokError
from prosodytok.files import atomic_path, existing_file
from prosodytok.limits import MAX_FRAMES
from prosodytok.units import FRAME_RATE, frame_times

#: What a `Prosody` is made of, as an npz file names it.
ARRAYS = ("f0_hz", "voiced", "energy_db")


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

    def part(self, frames: slice) -> Prosody:
        """The prosody of a stretch of frames."""
        return replace(
            self, f0=self.f0[frames], voiced=self.voiced[frames], energy=self.energy[frames]
        )

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
        """Read what `to_npz` wrote.

        Raises
        ------
        ProsodytokError
            If the file is missing or damaged, lacks an array, or holds more than a day; the message
            names it.
        """
        path = existing_file(path, ProsodytokError)
        try:
            with zipfile.ZipFile(path) as archive:
                f0, voiced, energy = (_read_array(archive, name) for name in ARRAYS)
                return cls(f0, voiced, energy)
        except ProsodytokError as error:
            raise ProsodytokError(f"{path}: {error}") from error
        except (OSError, ValueError, LookupError, RuntimeError, EOFError, SyntaxError, TypeError,
                zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error) as error:  # fmt: skip
            raise ProsodytokError(f"{path}: not a whole npz file of prosody ({error})") from error


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array of an npz file. `np.load` makes room for any shape before it looks for content."""
    with archive.open(f"{name}.npy") as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has an unknown format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if len(shape) != 1 or not 0 < shape[0] <= MAX_FRAMES or dtype.kind not in "biuf":
            raise ProsodytokError(
                f"{name} has shape {shape} and type {dtype}: expected one number for each frame, "
                f"at most {MAX_FRAMES} (a day)"
            )
        return np.frombuffer(file.read(shape[0] * dtype.itemsize), dtype, count=shape[0])
