"""`Prosody`: F0, voicing and energy of one utterance on one frame grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.types.units import FRAME_RATE, frame_times


@dataclass(frozen=True)
class Prosody:
    """F0, voicing and energy, frame by frame.

    Parameters
    ----------
    f0 : (T,) float32
        Fundamental frequency in Hz, interpolated through unvoiced frames, positive and finite.
    voiced : (T,) bool
        Whether each frame is voiced.
    energy : (T,) float32
        Energy in dB.
    frame_rate : float
        Frames per second (Hz); frame ``i`` is centred at ``(i + 0.5) / frame_rate`` seconds.
    confidence : (T,) float32, optional
        Confidence in the F0 of each voiced frame, from 0 to 1, if it was measured.
    f0_floor, f0_ceiling : float, optional
        Range (Hz) in which F0 was searched, if it was measured.
    warnings : tuple of str
        What is doubtful about the measurement or its sound.
    sound_duration : float, optional
        Exact length (s) of the sound, if known; the frames are rounded.
    """

    f0: NDArray[np.float32]
    voiced: NDArray[np.bool_]
    energy: NDArray[np.float32]
    frame_rate: float = FRAME_RATE
    confidence: NDArray[np.float32] | None = None
    f0_floor: float | None = None
    f0_ceiling: float | None = None
    warnings: tuple[str, ...] = ()
    sound_duration: float | None = None

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
        """The prosody of a range of frames."""
        return replace(
            self,
            f0=self.f0[frames],
            voiced=self.voiced[frames],
            energy=self.energy[frames],
            confidence=None if self.confidence is None else self.confidence[frames],
            sound_duration=None,
        )

    def to_npz(self, path: str | Path) -> None:
        """Write an npz file; see `prosodytok.io.npz.write_prosody`."""
        import_module("prosodytok.io.npz").write_prosody(path, self)

    @classmethod
    def from_npz(cls, path: str | Path) -> Prosody:
        """Read an npz file; see `prosodytok.io.npz.read_prosody`."""
        return cast(Prosody, import_module("prosodytok.io.npz").read_prosody(path))
