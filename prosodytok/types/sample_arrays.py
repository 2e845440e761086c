"""Arrays of samples as other libraries give them, converted to float32 with channels last.

The conventions, which `docs/trust.md` repeats:

- **Layout.** Of two axes the shorter one is channels, if it has at most `MAX_CHANNELS`: soundfile
  and SciPy give (N, C), torchaudio and librosa (C, N). Of a square array the second axis is.
- **Scale.** Integers of 8, 16 and 32 bits are divided by their full scale; unsigned ones have their
  zero at half of it. 64-bit integers, which lists become, have no known scale and are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import AudioError

#: Range of accepted sample rates (Hz); outside of it a file is not a recording of speech.
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 768_000
#: The largest number of channels.
MAX_CHANNELS = 32
#: A longer axis at least this many times the shorter one is certainly time.
CLEAR_RATIO = 4
#: Peak from which float samples are probably 16-bit integers: some programs write over 1, none so
#: far over it.
INTEGER_PEAK = 256.0
#: Peak under which energies are cut: those 60 dB under the loudest frame lie under -200 dB.
SOFT_PEAK = 3e-7


def to_float(samples: ArrayLike) -> NDArray[np.float32]:
    """Convert an array, a nested list or a torch tensor to float32, nominally in [-1, 1].

    Parameters
    ----------
    samples : array_like
        Floats of any precision, or integers of 8, 16 or 32 bits; tensors on any device.

    Raises
    ------
    AudioError
        If the values are not real numbers, their scale is unknown, or entries are masked.
    """
    array = _to_array(samples)
    kind, bits = array.dtype.kind, 8 * array.dtype.itemsize
    if array.ndim == 0 and kind in "iuf":
        raise AudioError(
            f"expected an array of samples, got the number {array!s}: pass the samples first, "
            "then the sample rate"
        )
    if kind == "f":
        with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite: an error
            return array.astype(np.float32, copy=False)
    if kind not in "iu":
        raise AudioError(f"samples are numbers, got an array of {array.dtype}: pass floats")
    if bits == 64:
        if array.size and (array.max() > 1 or array.min() < -1):
            raise AudioError(
                "the full scale of 64-bit integers is unknown (lists of integers become such): "
                "pass samples.astype('int16'), or divide by the full scale, as in samples / 32768"
            )
        return array.astype(np.float32)
    half = 2.0 ** (bits - 1)
    scaled: NDArray[Any] = array.astype(np.float64 if bits == 32 else np.float32)
    scaled = scaled / half - (kind == "u")
    return np.asarray(scaled, dtype=np.float32)


def to_channels(samples: NDArray[np.float32], channel_axis: int | None = None) -> NDArray[Any]:
    """View samples of shape (N,), (N, C) or (C, N) as (N, C).

    Parameters
    ----------
    samples : (N,), (N, C) or (C, N)
        Samples.
    channel_axis : int, optional
        The axis of the channels; by default the shorter one.

    Raises
    ------
    AudioError
        If the array has another number of axes, or more than `MAX_CHANNELS` channels.
    """
    if samples.ndim == 1:
        return samples[:, None]
    if samples.ndim != 2:
        raise AudioError(
            f"expected samples of shape (N,), (N, channels) or (channels, N), got shape "
            f"{samples.shape}: pass one sound at a time, as in samples[0]"
        )
    axis = shorter_axis(samples.shape) if channel_axis is None else channel_axis
    if samples.shape[axis] > MAX_CHANNELS:
        raise AudioError(
            f"expected samples of shape (N,), (N, channels) or (channels, N) with at most "
            f"{MAX_CHANNELS} channels, got shape {samples.shape}: choose channels first"
        )
    return samples if axis == 1 else samples.T


def shorter_axis(shape: tuple[int, ...]) -> int:
    """The axis of the channels; the second one of a square array."""
    return 0 if shape[0] < shape[1] else 1


def is_clear(shape: tuple[int, ...]) -> bool:
    """Whether a shape shows which axis is channels: one of them is much shorter."""
    shorter, longer = sorted(shape)
    return shorter <= MAX_CHANNELS and longer >= CLEAR_RATIO * max(1, shorter)


def scale_warnings(peak: float) -> tuple[str, ...]:
    """A warning if a peak of float samples is that of integers, or too low to measure energies."""
    if 0 < peak < SOFT_PEAK:
        return (
            f"samples reach only {peak:.1g}, and full scale is 1: energies are cut; amplify it",
        )
    if not peak > INTEGER_PEAK:
        return ()
    return (
        f"samples reach {peak:.0f}, and full scale is 1: they look like 16-bit integers; "
        "divide by 32768",
    )


def check_rate(sample_rate: Any) -> int:
    """Return a sample rate (Hz) as an int; NumPy and torch scalars and 16000.0 are accepted.

    Raises
    ------
    AudioError
        If it is not a whole number, or outside of the accepted range.
    """
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise AudioError(
            f"sample_rate must be a number of Hz, got {type(sample_rate).__name__} "
            f"{sample_rate!r:.60}: pass the samples first, then the sample rate"
        ) from error
    if isinstance(sample_rate, (bool, str)) or not rate.is_integer():
        raise AudioError(f"sample_rate must be a whole number of Hz, got {sample_rate!r:.60}")
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise AudioError(
            f"sample_rate must lie between {MIN_SAMPLE_RATE} and {MAX_SAMPLE_RATE} Hz, "
            f"got {int(rate)}"
        )
    return int(rate)


def _to_array(samples: Any) -> NDArray[Any]:
    if isinstance(samples, np.ma.MaskedArray) and np.ma.is_masked(samples):
        raise AudioError("the array has masked samples: fill them first, as in samples.filled(0)")
    try:
        if hasattr(samples, "detach"):  # a torch tensor, perhaps on a GPU or of bfloat16
            tensor = samples.detach()
            tensor = tensor.float() if tensor.is_floating_point() else tensor
            return np.asarray(tensor.numpy(force=True))
        return np.asarray(samples)
    except (TypeError, ValueError, RuntimeError) as error:
        raise AudioError(
            f"no array of samples: {error}; pass samples of shape (N,), (N, channels) or "
            "(channels, N)"
        ) from error
