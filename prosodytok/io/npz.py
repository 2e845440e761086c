"""Prosody files: npz archives of F0, voicing and energy per frame."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.atomic import atomic_path, existing_file
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import MAX_FRAMES

#: Keys of the arrays of a `Prosody`.
ARRAYS = ("f0_hz", "voiced", "energy_db")


def write_prosody(path: str | Path, prosody: Prosody) -> None:
    """Write the arrays time_s, f0_hz, voiced and energy_db, each of shape (T,)."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            time_s=prosody.times,
            f0_hz=prosody.f0,
            voiced=prosody.voiced,
            energy_db=prosody.energy,
        )


def read_prosody(path: str | Path) -> Prosody:
    """Read a file that `write_prosody` wrote.

    Raises
    ------
    ProsodytokError
        If the file is missing or damaged, lacks an array, or is longer than a day; the message
        names the file.
    """
    path = existing_file(path, ProsodytokError)
    try:
        with zipfile.ZipFile(path) as archive:
            f0, voiced, energy = (_read_array(archive, name) for name in ARRAYS)
            return Prosody(f0, voiced, energy)
    except ProsodytokError as error:
        raise ProsodytokError(f"{path}: {error}") from error
    except (OSError, ValueError, LookupError, RuntimeError, EOFError, SyntaxError, TypeError,
            zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error) as error:  # fmt: skip
        raise ProsodytokError(f"{path}: not a whole npz file of prosody ({error})") from error


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read one array; unlike `np.load`, check the shape in its header before allocating memory."""
    with archive.open(f"{name}.npy") as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has an unknown format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if len(shape) != 1 or not 0 < shape[0] <= MAX_FRAMES or dtype.kind not in "biuf":
            raise ProsodytokError(
                f"{name} has shape {shape} and type {dtype}: expected one number per frame, "
                f"at most {MAX_FRAMES} (a day)"
            )
        return np.frombuffer(file.read(shape[0] * dtype.itemsize), dtype, count=shape[0])
