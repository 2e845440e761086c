"""Streaming audio in chunks, converted to blocks of fixed length and sample rate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.features.streaming_resampler import Resampler
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.channel_mix import ChannelMix
from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import (
    check_rate,
    is_clear,
    scale_warnings,
    shorter_axis,
    to_channels,
    to_float,
)

#: Blocks per second, rounded down to samples. Fixed blocks make results independent of the chunks;
#: remaining samples wait for the next chunk.
BLOCK_RATE = 200


class AudioChunks:
    """Converts chunks of any size, type, rate and number of channels to mono blocks at 16 kHz.

    The first chunk that clearly shows which axis is channels decides it for the whole stream;
    chunks before it wait. Channels are mixed as in files, by what has been received so far.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = check_rate(sample_rate)
        self._block = self._rate // BLOCK_RATE
        self._resampler = None if self._rate == SAMPLE_RATE else Resampler(self._rate)
        self._layout = _ChunkLayout()
        self._mix: ChannelMix | None = None
        self._chunks: list[NDArray[np.float32]] = []  # (N, C)
        self._pending = 0  # samples in them
        self._consumed = 0
        self._peak = 0.0

    def push(self, chunk: ArrayLike) -> Iterable[tuple[float, NDArray[np.float32]]]:
        """The complete blocks, each with the audio consumed up to its end (s).

        They are made lazily, and all of them must be consumed.
        """
        return self._blocks(self._layout.push(to_float(chunk)))

    def finish(self) -> tuple[float, NDArray[np.float32]]:
        """The rest of the audio."""
        blocks = [*self._blocks(self._layout.finish())]
        rest = [self._mono(samples) for samples in self._chunks if len(samples)]
        blocks.append(self._take(np.concatenate([np.zeros(0, np.float32), *rest])))
        samples = [samples for _, samples in blocks]
        if self._resampler is not None:
            samples.append(self._resampler.finish())
        return blocks[-1][0], np.concatenate(samples)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is doubtful about the sound so far, as `Audio.warnings`."""
        return (self._mix.warnings if self._mix else ()) + scale_warnings(self._peak)

    def _blocks(
        self, chunks: list[NDArray[np.float32]]
    ) -> Iterable[tuple[float, NDArray[np.float32]]]:
        for chunk in chunks:
            if not np.isfinite(chunk).all():
                raise AudioError("a sample is NaN or infinite")
        self._chunks += chunks
        self._pending += sum(map(len, chunks))
        if self._pending < self._block:
            return []
        samples = np.concatenate(self._chunks)
        whole = len(samples) // self._block * self._block
        self._chunks, self._pending = [samples[whole:]], len(samples) - whole
        return (
            self._take(self._mono(samples[start : start + self._block]))
            for start in range(0, whole, self._block)
        )

    def _mono(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        if block.shape[1] > 1:
            self._mix = self._mix or ChannelMix(block.shape[1], self._rate)
            self._mix.measure(block)
            return self._mix.mix(block)
        return block[:, 0]

    def _take(self, samples: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        self._consumed += samples.size
        self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return self._consumed / self._rate, samples


class _ChunkLayout:
    """Chunks (N,), (N, C) or (C, N) of one stream as (N, C), with the same axis for all."""

    #: Chunks that wait for a clear one; then, and at the end, they are (N, C).
    MAX_WAITING = 64

    def __init__(self) -> None:
        self._axis: int | None = None
        self._num_channels = 0
        self._waiting: list[NDArray[np.float32]] = []

    def push(self, chunk: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The chunks (N, C) whose layout is known, in order."""
        if chunk.size == 0:
            return []
        if chunk.ndim == 2 and self._num_channels == 1 and 1 in chunk.shape:
            chunk = chunk.reshape(-1)
        self._waiting.append(chunk)
        if chunk.ndim == 2 and self._axis is None:
            if is_clear(chunk.shape):
                self._axis = shorter_axis(chunk.shape)
            elif len(self._waiting) < self.MAX_WAITING:
                return []
        return self._take()

    def finish(self) -> list[NDArray[np.float32]]:
        """The chunks that still wait."""
        return self._take()

    def _take(self) -> list[NDArray[np.float32]]:
        waiting, self._waiting = self._waiting, []
        if self._axis is None and any(chunk.ndim == 2 for chunk in waiting):
            self._axis = 1
        return [self._one(chunk) for chunk in waiting]

    def _one(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        channels = to_channels(chunk, self._axis)
        self._num_channels = self._num_channels or channels.shape[1]
        if channels.shape[1] != self._num_channels:
            raise AudioError(
                f"a chunk of shape {chunk.shape} in a stream of {self._num_channels} channels: "
                "all chunks of a stream have the same layout"
            )
        return channels
