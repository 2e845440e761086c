"""Sound of any rate to the analysis rate as it comes, heard 5 ms ahead."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.audio import SAMPLE_RATE

#: How far a filter reaches to each side: so long (s), and at least so many samples. Of the two the
#: latter is more under 8 kHz, where less would cut into the few harmonics that there are.
REACH, LEAST_REACH = 0.005, 40
#: What would fold back is down by this (dB). With `REACH` that costs the last 500 Hz under half of
#: the lower rate, less than soxr leaves out at 16 kHz.
ATTENUATION = 80.0
#: Filters are made for this many instants of a second at most (Hz), which takes a few MB. No usual
#: rate asks for more; of an odd one, such as 44 101 Hz, instants are off by 10 ns at most.
GRID = 50_000_000


class Resampler:
    """Brings mono sound to 16 kHz chunk by chunk, by a windowed sinc for each instant.

    Sample ``n`` of what it gives is the sound at ``n / 16000`` s: filters are symmetric about that
    instant, so that nothing is delayed, but known only when their later half has been heard. Before
    and after the sound there is silence.

    Parameters
    ----------
    sample_rate : int
        Of the sound that will come (Hz).

    Examples
    --------
    >>> resampler = Resampler(48_000)
    >>> parts = [*(resampler.push(chunk) for chunk in chunks), resampler.finish()]
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._reach = max(int(REACH * sample_rate), LEAST_REACH)
        phases = SAMPLE_RATE // gcd(SAMPLE_RATE, sample_rate)
        self._filters = make_filters(sample_rate, self._reach, min(phases, GRID // sample_rate))
        self._kept = np.zeros(2 * self._reach, dtype=np.float32)  # the last samples
        self._received = self._given = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples (N,) at the sound's rate; give those at 16 kHz that are known by now."""
        sound = np.concatenate([self._kept, samples])
        self._received += samples.size
        before, phase = self._instants()
        known = before < self._received - self._reach
        first = before[known] - self._reach + 1 - (self._received - sound.size)
        heard = np.lib.stride_tricks.sliding_window_view(sound, 2 * self._reach)[first]
        self._kept = sound[-2 * self._reach :]
        self._given += first.size
        found: NDArray[np.float32] = np.einsum("nk,nk->n", heard, self._filters[phase[known]])
        return found

    def finish(self) -> NDArray[np.float32]:
        """What is left: instants up to the sound's end, heard as if silence followed."""
        left = self._length() - self._given
        return self.push(np.zeros(self._reach + 1, dtype=np.float32))[:left]

    def _length(self) -> int:
        """How many instants lie within what has been received."""
        return -(-self._received * SAMPLE_RATE // self._rate)

    def _instants(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The received sample before each instant not given yet, and the filter for the rest."""
        phases = len(self._filters)
        instants = np.arange(self._given, self._length())
        grid = (2 * instants * self._rate * phases + SAMPLE_RATE) // (2 * SAMPLE_RATE)
        before, phase = np.divmod(grid, phases)
        return before, phase


def make_filters(sample_rate: int, reach: int, phases: int) -> NDArray[np.float32]:
    """Low-pass filters for instants between two samples, by Kaiser's formulas.

    Parameters
    ----------
    sample_rate : int
        Of what is filtered (Hz).
    reach : int
        Samples that a filter hears before an instant, and after it.
    phases : int
        Instants, evenly from one sample (inclusive) to the next.

    Returns
    -------
    (phases, 2 * reach) float32
        Each sums to one. Row ``p`` is for the instant ``p / phases`` samples after the sample that
        stands at column ``reach - 1``.
    """
    times = np.arange(1 - reach, reach + 1) - np.arange(phases)[:, None] / phases
    slope = (ATTENUATION - 7.95) / (14.36 * 2 * reach) * sample_rate
    cutoff = min(sample_rate, SAMPLE_RATE) - slope  # twice what passes half
    beta = 0.1102 * (ATTENUATION - 8.7)
    filters = np.sinc(times * (cutoff / sample_rate))
    filters *= np.i0(beta * np.sqrt(1 - (times / reach) ** 2))
    filters /= filters.sum(axis=1, keepdims=True)
    return filters.astype(np.float32)
