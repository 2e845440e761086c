"""`Audio`: one mono signal and its sample rate."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.channel_mix import mix_whole
from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import check_rate, scale_warnings, to_channels, to_float

#: Sample rate of the analysis (Hz), enough for the F0 and energy of speech.
SAMPLE_RATE = 16_000
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
        Signal, nominally in [-1, 1]; other types are converted as `from_array` does.
    sample_rate : int
        Samples per second (Hz).
    warnings : tuple of str
        What is doubtful about the sound, such as channels that cancel.

    Raises
    ------
    AudioError
        If the array is empty, not one-dimensional or not of numbers, a sample is NaN or infinite,
        or the sample rate is out of range.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        samples = to_float(self.samples)
        if samples.ndim != 1:
            raise AudioError(
                f"expected a mono signal of shape (N,), got shape {samples.shape}: "
                "use Audio.from_array"
            )
        object.__setattr__(self, "sample_rate", check_rate(self.sample_rate))
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
        """Make a mono `Audio` at 16 kHz from an array of any sample rate and number of channels.

        Parameters
        ----------
        samples : (N,), (N, C) or (C, N) array_like
            Floats, or integers of 8, 16 or 32 bits, which are scaled by their full scale; an array,
            a list or a torch tensor. Of two axes the shorter one is channels, at most 32. Channels
            are averaged, or, if they cancel each other, the loudest one is used; see
            `prosodytok.types.channel_mix`.
        sample_rate : int
            Samples per second (Hz): a whole number of any type.

        Raises
        ------
        AudioError
            As `prosodytok.types.sample_arrays` and `Audio` raise.
        """
        rate = check_rate(sample_rate)
        channels = to_channels(to_float(samples))
        if not channels.size:
            return cls(channels[:, :1].reshape(-1), rate)  # raises
        mono, warnings = mix_whole(channels, rate)
        warnings += scale_warnings(float(np.abs(mono).max()))
        return cls(mono, rate, warnings).resample(SAMPLE_RATE)

    def resample(self, sample_rate: int) -> Audio:
        """Return the signal at another sample rate (Hz); see `prosodytok.io.sound.resample`."""
        return cast(Audio, _sound().resample(self, sample_rate))

    def write(self, path: str | Path) -> None:
        """Write the signal to a file; see `prosodytok.io.sound.write_sound`."""
        _sound().write_sound(self, path)

    def to_bytes(self, suffix: str = ".wav") -> bytes:
        """Encode the signal as a sound file; see `prosodytok.io.sound.sound_to_bytes`."""
        return cast(bytes, _sound().sound_to_bytes(self, suffix))


def _sound() -> Any:
    """`prosodytok.io.sound`, imported by name: `types` must not depend on `io`."""
    return import_module("prosodytok.io.sound")
