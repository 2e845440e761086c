"""`Audio`: one mono signal and its sample rate."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import AudioError

#: Sample rate of the analysis (Hz), enough for the F0 and energy of speech.
SAMPLE_RATE = 16_000
#: Range of accepted sample rates (Hz); outside of it a file is not a recording of speech.
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 768_000
#: Samples per block when checking or reading.
BLOCK_SAMPLES = 1 << 20


@dataclass(frozen=True)
class Audio:
    """A mono signal.

    `from_array`, `resample`, `write` and `to_bytes` call functions of `prosodytok.io.sound`, which
    is imported on the first call.

    Parameters
    ----------
    samples : (N,) float32
        Signal, nominally in [-1, 1].
    sample_rate : int
        Samples per second (Hz).
    warnings : tuple of str
        What is doubtful about the sound, such as channels that cancel.

    Raises
    ------
    AudioError
        If the array is empty or not one-dimensional, a sample is NaN or infinite, or the sample
        rate is out of range.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim != 1:
            raise AudioError(f"expected a mono signal of shape (N,), got shape {samples.shape}")
        check_rate(self.sample_rate)
        if samples.size == 0:
            raise AudioError("the sound is empty: it has no samples")
        blocks = range(0, samples.size, BLOCK_SAMPLES)
        bad = sum(np.count_nonzero(~np.isfinite(samples[i : i + BLOCK_SAMPLES])) for i in blocks)
        if bad:
            raise AudioError(f"{bad} samples are NaN or infinite: write the file again")
        object.__setattr__(self, "samples", samples)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.samples.size / self.sample_rate)

    @classmethod
    def from_array(cls, samples: ArrayLike, sample_rate: int) -> Audio:
        """Make a mono `Audio` at 16 kHz from an array of any sample rate and channel count.

        Parameters
        ----------
        samples : (N,) or (N, C) array_like
            Signal; channels are averaged.
        sample_rate : int
            Samples per second (Hz).
        """
        return cls(to_mono(samples), sample_rate).resample(SAMPLE_RATE)

    def resample(self, sample_rate: int) -> Audio:
        """Return the signal at another sample rate (Hz); see `prosodytok.io.sound.resample`."""
        return cast(Audio, _sound().resample(self, sample_rate))

    def write(self, path: str | Path) -> None:
        """Write the signal to a file; see `prosodytok.io.sound.write_sound`."""
        _sound().write_sound(self, path)

    def to_bytes(self, suffix: str = ".wav") -> bytes:
        """Encode the signal as a sound file; see `prosodytok.io.sound.sound_to_bytes`."""
        return cast(bytes, _sound().sound_to_bytes(self, suffix))


def to_mono(samples: ArrayLike) -> NDArray[np.float32]:
    """Average the channels of samples (N, C); an array of another shape is returned unchanged."""
    array = np.asarray(samples, dtype=np.float32)
    return array.mean(axis=1) if array.ndim == 2 and array.shape[1] else array


def check_rate(sample_rate: int) -> None:
    """Raise `AudioError` if a sample rate (Hz) is outside the accepted range."""
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(
            f"sample_rate must lie between {MIN_SAMPLE_RATE} and {MAX_SAMPLE_RATE} Hz, "
            f"got {sample_rate}"
        )


def _sound() -> Any:
    """`prosodytok.io.sound`, imported by name: `types` must not depend on `io`."""
    return import_module("prosodytok.io.sound")
