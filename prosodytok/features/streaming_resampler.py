"""Streaming resampling to the analysis rate with a look-ahead of 5 ms."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.audio import SAMPLE_RATE

#: Half-length of a filter: in seconds, and at least this many samples. The minimum applies below
#: 8 kHz, where shorter filters would attenuate harmonics.
HALF_LENGTH, MIN_HALF_LENGTH = 0.005, 40
#: Attenuation of aliases (dB). With `HALF_LENGTH` the transition band is the last 500 Hz below half
#: of the lower rate, less than that of soxr at 16 kHz.
ATTENUATION = 80.0
#: Maximum number of filter phases per second (Hz), a few MB of filters. Usual rates need fewer; at
#: odd ones, such as 44 101 Hz, the times of samples are off by at most 10 ns.
MAX_PHASE_RATE = 50_000_000


class Resampler:
    """Resamples mono sound to 16 kHz chunk by chunk, with a windowed sinc per output sample.

    Output sample ``n`` is the sound at ``n / 16000`` s. The filters have zero phase, so an output
    is available when the second half of its filter has been received. The sound is
    continued by its first and last sample, so that a constant offset makes no steps.

    Parameters
    ----------
    sample_rate : int
        Sample rate of the input (Hz).

    Examples
    --------
    >>> resampler = Resampler(48_000)
    >>> parts = [*(resampler.push(chunk) for chunk in chunks), resampler.finish()]
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._half_length = max(int(HALF_LENGTH * sample_rate), MIN_HALF_LENGTH)
        phases = SAMPLE_RATE // gcd(SAMPLE_RATE, sample_rate)
        self._filters = make_filters(
            sample_rate, self._half_length, min(phases, MAX_PHASE_RATE // sample_rate)
        )
        self._kept = np.zeros(1, dtype=np.float32)  # the last samples
        self._received = self._returned = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take input samples (N,); return the available samples at 16 kHz."""
        if not self._received:
            self._kept = np.full(2 * self._half_length, samples[:1].sum(), dtype=np.float32)
        sound = np.concatenate([self._kept, samples])
        self._received += samples.size
        before, phase = self._pending()
        ready = before < self._received - self._half_length
        first = before[ready] - self._half_length + 1 - (self._received - sound.size)
        windows = np.lib.stride_tricks.sliding_window_view(sound, 2 * self._half_length)[first]
        self._kept = sound[-2 * self._half_length :]
        self._returned += first.size
        found: NDArray[np.float32] = np.einsum("nk,nk->n", windows, self._filters[phase[ready]])
        return found

    def finish(self) -> NDArray[np.float32]:
        """The remaining samples, up to the end of the sound."""
        left = self._length() - self._returned
        return self.push(np.full(self._half_length + 1, self._kept[-1]))[:left]

    def _length(self) -> int:
        """Number of output samples within the received sound."""
        return -(-self._received * SAMPLE_RATE // self._rate)

    def _pending(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Input sample before each pending output sample, and index of its filter phase."""
        phases = len(self._filters)
        times = np.arange(self._returned, self._length())
        grid = (2 * times * self._rate * phases + SAMPLE_RATE) // (2 * SAMPLE_RATE)
        before, phase = np.divmod(grid, phases)
        return before, phase


def make_filters(sample_rate: int, half_length: int, phases: int) -> NDArray[np.float32]:
    """Low-pass filters for fractional delays, by Kaiser's formulas.

    Parameters
    ----------
    sample_rate : int
        Sample rate of the input (Hz).
    half_length : int
        Half-length of a filter (samples).
    phases : int
        Number of delays, evenly spaced from one sample (inclusive) to the next.

    Returns
    -------
    (phases, 2 * half_length) float32
        Each sums to one. Row ``p`` is for the time ``p / phases`` samples after the sample in
        column ``half_length - 1``.
    """
    times = np.arange(1 - half_length, half_length + 1) - np.arange(phases)[:, None] / phases
    slope = (ATTENUATION - 7.95) / (14.36 * 2 * half_length) * sample_rate
    cutoff = min(sample_rate, SAMPLE_RATE) - slope  # twice the -6 dB frequency
    beta = 0.1102 * (ATTENUATION - 8.7)
    filters = np.sinc(times * (cutoff / sample_rate))
    filters *= np.i0(beta * np.sqrt(1 - (times / half_length) ** 2))
    filters /= filters.sum(axis=1, keepdims=True)
    return filters.astype(np.float32)
