"""Streaming audio in chunks, converted to blocks of fixed length and sample rate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.features.streaming_resampler import Resampler
from prosodytok.types.audio import SAMPLE_RATE, check_rate, to_mono
from prosodytok.types.errors import AudioError

#: Blocks per second, rounded down to samples. Fixed blocks make results independent of the chunks;
#: remaining samples wait for the next chunk.
BLOCK_RATE = 200


class AudioChunks:
    """Converts chunks of any size, rate and number of channels to mono blocks at 16 kHz."""

    def __init__(self, sample_rate: int) -> None:
        check_rate(sample_rate)
        self._rate = sample_rate
        self._block = sample_rate // BLOCK_RATE
        self._resampler = None if sample_rate == SAMPLE_RATE else Resampler(sample_rate)
        self._chunks: list[NDArray[np.float32]] = []
        self._pending = 0  # samples in them
        self._consumed = 0

    def push(self, chunk: ArrayLike) -> Iterable[tuple[float, NDArray[np.float32]]]:
        """The complete blocks, each with the audio consumed up to its end (s).

        They are made lazily, and all of them must be consumed.
        """
        self._chunks.append(_mono(chunk))
        self._pending += self._chunks[-1].size
        if self._pending < self._block:
            return []
        samples = np.concatenate(self._chunks)
        whole = samples.size // self._block * self._block
        self._chunks, self._pending = [samples[whole:]], samples.size - whole
        return map(self._take, samples[:whole].reshape(-1, self._block))

    def finish(self) -> tuple[float, NDArray[np.float32]]:
        """The rest of the audio."""
        consumed, samples = self._take(np.concatenate([np.zeros(0, np.float32), *self._chunks]))
        if self._resampler is not None:
            samples = np.concatenate([samples, self._resampler.finish()])
        return consumed, samples

    def _take(self, samples: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        self._consumed += samples.size
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._consumed / self._rate, samples


def _mono(chunk: ArrayLike) -> NDArray[np.float32]:
    samples = to_mono(chunk)
    if samples.ndim != 1:
        raise AudioError(f"expected samples of shape (N,) or (N, C), got shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise AudioError("a sample is NaN or infinite")
    return samples
