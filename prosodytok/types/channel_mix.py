"""One signal from several channels: their mean, unless they cancel each other.

The rule for files, arrays and streams: the channels are averaged. If they cancel, as antiphase
stereo does, or as a copy with a delay does at some frequencies, the loudest channel is used alone.
A silent channel only lowers the level of the mean (two channels: by 6 dB), and the register takes
it out again. The gain of the mean is the same in all parts of a recording, so channels that are
silent now and then, as in two-channel calls, stay in it.

Channels cancel where the power of their sum is below half of the sum of their powers. It is equal
to that sum if they are independent, and more if they contain the same speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Samples per block of a sound in memory.
BLOCK_SAMPLES = 1 << 20
#: Windows in a second: about 16 Hz between the frequencies, so that delays up to 30 ms show.
WINDOW_RATE = 16
#: Windows from which the spectrum is reliable. With fewer, only broadband cancellation counts.
MIN_WINDOWS = 16
#: Lowest frequency that counts (Hz): below it are offset and hum.
LOWEST_HZ = 70.0
#: Ratio of the power of the sum to the sum of the powers, below which channels cancel; and the
#: share of the power at such frequencies from which the mean is not used.
CANCELLED_RATIO, CANCELLED_SHARE = 0.5, 0.2
#: The same ratio, broadband, below which channels cancel whatever their spectrum.
BROADBAND_RATIO = 0.05
#: Power of a channel relative to the loudest one, below which it is silent (-60 dB).
SILENT_POWER = 1e-6


class ChannelMix:
    """Measures channels block by block, and mixes them.

    Parameters
    ----------
    num_channels : int
        Number of channels.
    sample_rate : int
        Samples per second (Hz).
    """

    def __init__(self, num_channels: int, sample_rate: int) -> None:
        self._window = max(64, 2 ** round(np.log2(sample_rate / WINDOW_RATE)))
        self._hann = np.hanning(self._window).astype(np.float32)[:, None]
        self._lowest = int(np.ceil(LOWEST_HZ * self._window / sample_rate)) + 1
        self._pending = np.zeros((0, num_channels), dtype=np.float32)
        self._last = np.zeros((1, num_channels), dtype=np.float32)
        self._num_samples, self._num_windows = 0, 0
        # Of the differences of successive samples, which contain no offset.
        self._power, self._power_of_sum = np.zeros(num_channels), 0.0
        self._spectrum = np.zeros(self._window // 2 + 1)
        self._spectrum_of_sum = np.zeros(self._window // 2 + 1)
        self._chosen: int | None = None

    def measure(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, of shape (N, C)."""
        if len(block) == 0 or self._chosen is not None:
            return
        first = block[:1] if self._num_samples == 0 else self._last
        with np.errstate(all="ignore"):  # NaN and infinity are errors of the mixed signal
            difference = np.diff(block, axis=0, prepend=first)
            self._power += np.einsum("nc,nc->c", difference, difference, dtype=np.float64)
            total = difference.sum(axis=1)
            self._power_of_sum += float(np.einsum("n,n->", total, total, dtype=np.float64))
            self._measure_spectra(block)
        self._last = block[-1:]
        self._num_samples += len(block)

    def _measure_spectra(self, block: NDArray[np.float32]) -> None:
        samples = np.concatenate([self._pending, block])
        count = len(samples) // self._window
        windows = samples[: count * self._window].reshape(count, self._window, block.shape[1])
        for spectrum in np.fft.rfft(windows * self._hann, axis=1):
            self._spectrum += (np.abs(spectrum) ** 2).sum(axis=1)
            self._spectrum_of_sum += np.abs(spectrum.sum(axis=1)) ** 2
        self._num_windows += count
        self._pending = samples[count * self._window :].copy()

    def mix(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """One signal (N,) of a block (N, C), by all that has been measured.

        The choice of a single channel is kept for all later blocks.
        """
        if block.shape[1] == 1:
            return block[:, 0]
        if self._chosen is None and self._cancels():
            self._chosen = int(np.argmax(self._power))
        return block.mean(axis=1) if self._chosen is None else block[:, self._chosen]

    def _cancels(self) -> bool:
        total = float(self._power.sum())
        if not total > 0.0:  # silence, or NaN
            return False
        if self._power_of_sum < BROADBAND_RATIO * total:
            return True
        if self._num_windows < MIN_WINDOWS:
            return False
        spectrum = self._spectrum[self._lowest :]
        cancelled = self._spectrum_of_sum[self._lowest :] < CANCELLED_RATIO * spectrum
        return float(spectrum[cancelled].sum()) > CANCELLED_SHARE * float(spectrum.sum())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was done with the channels, if it is not plain averaging."""
        if self._chosen is not None:
            return (f"the channels cancel each other: channel {self._chosen + 1} is used",)
        silent = np.flatnonzero(self._power <= SILENT_POWER * self._power.max()) + 1
        if silent.size in (0, self._power.size):
            return ()
        numbers = ", ".join(map(str, silent))
        return (f"of {self._power.size} channels these are silent: {numbers}",)


def mix_whole(
    samples: NDArray[np.float32], sample_rate: int
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """One signal (N,) of a whole sound (N, C), and the warnings."""
    num_samples, num_channels = samples.shape
    mix, length = ChannelMix(num_channels, sample_rate), max(1, BLOCK_SAMPLES // num_channels)
    if num_channels > 1:
        for start in range(0, num_samples, length):
            mix.measure(samples[start : start + length])
    return mix.mix(samples), mix.warnings
