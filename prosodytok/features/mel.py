"""Log-mel features, invariant to the level of a recording."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

from prosodytok.features.blocks import blocks
from prosodytok.inference import inference
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.units import samples_to_frames

Array = NDArray[np.float32]

#: Window, hop and length of the Fourier transform (samples at 16 kHz): 25 ms every 10 ms.
WINDOW, HOP, FFT_SIZE = 400, 160, 512
NUM_BANDS = 80
#: Frequencies (Hz) that the bands span.
LOWEST, HIGHEST = 40.0, 7600.0
#: Mel frames per stacked frame, and stacked frames per second.
STACK = 4
STACKED_RATE = SAMPLE_RATE / HOP / STACK
#: Levels re the loudest 110 ms, as natural logarithms of power: bands are floored at -70 dB; frames
#: from -30 dB up are speech, over which the recording's mean spectrum is taken.
FLOOR, ACTIVE = -16.0, -7.0
LOUDEST_FRAMES = 11
#: The spectrum of average speech re its level, over bands from -1 to 1: constant, slope, curvature;
#: it counts as much as PRIOR_FRAMES frames of the recording's own.
PRIOR = (-8.7, -2.7, 1.6)
PRIOR_FRAMES = 25
#: Spread of log-mel about the mean, the same for all bands.
SPREAD = 2.9
#: Frames transformed at once, to bound memory.
BLOCK_FRAMES = 6000


class MelEncoder:
    """Normalised log-mel features with the interface of `SSLEncoder`: the baseline of encoders.

    One embedding contains the four frames of 80 bands in its 40 ms.
    """

    name = "mel"
    frame_rate = STACKED_RATE
    dim = STACK * NUM_BANDS

    def __call__(self, audio: Audio) -> Array:
        """Compute the features of a sound: (S, 320) float32, 25 a second."""
        return normalized_log_mel(audio).reshape(-1, self.dim)


@np.errstate(under="ignore")  # of float16, at values near 0
def normalized_log_mel(audio: Audio, dtype: DTypeLike = np.float32) -> Array:
    """Log-mel spectrogram re the recording's own level and long-term spectrum.

    The features do not depend on the level, since the floor is relative to the loudest 110 ms. The
    mean spectrum of short sounds is drawn to that of average speech.

    Parameters
    ----------
    audio : Audio
        A sound at any rate.
    dtype : dtype
        float32; or float16, which takes half the memory and is off by 0.01 at most.

    Returns
    -------
    (4 S, 80) array
        100 frames a second, frame i centred at ``(i + 0.5) / 100`` s; S is the duration rounded to
        frames of 40 ms, at least one. Mean about 0 where there is speech, deviation about 1.
    """
    samples = audio.resample(SAMPLE_RATE).samples
    num_frames = STACK * samples_to_frames(samples.size, SAMPLE_RATE, STACKED_RATE)
    return _normalize(log_mel(samples, num_frames, dtype))


def log_mel(samples: Array, num_frames: int, dtype: DTypeLike = np.float32) -> Array:
    """Natural logarithm of the power in mel bands, (num_frames, 80).

    Parameters
    ----------
    samples : (N,) float32
        Sound at 16 kHz; padded with silence to `num_frames` frames of 10 ms.
    """
    mel = np.empty((num_frames, NUM_BANDS), dtype=dtype)
    for frames in _blocks(num_frames):
        mel[frames] = log_mel_part(samples, frames.start, frames.stop)
    return mel


def log_mel_part(samples: Array, first: int, last: int) -> Array:
    """`log_mel` of the frames `first` to `last` - 1, (last - first, 80) float32."""
    return _log_mel_of(_frames(samples, first, last))


def _blocks(num_frames: int) -> list[slice]:
    return [slice(block.start, block.end) for block in blocks(num_frames, BLOCK_FRAMES)]


def _frames(samples: Array, first: int, last: int) -> Tensor:
    """Windows of frames first to last - 1, silence beyond the sound: (., WINDOW)."""
    # Half the difference of window and hop on both sides centres frame i at (i + 0.5) hops.
    start, end = first * HOP - (WINDOW - HOP) // 2, last * HOP + (WINDOW - HOP) // 2
    padded = np.zeros(end - start, dtype=np.float32)
    inside = samples[max(0, start) : end]
    offset = max(0, -start)
    padded[offset : offset + inside.size] = inside
    return torch.from_numpy(padded).unfold(0, WINDOW, HOP)


@inference()
def _log_mel_of(frames: Tensor) -> Array:
    spectrum = torch.view_as_real(torch.fft.rfft(frames * _window(), FFT_SIZE))
    mel = spectrum.square().sum(dim=-1) @ mel_filters()
    # Far under any floor: it only keeps the logarithm finite.
    return np.asarray(mel.clamp_(min=1e-30).log_().numpy())


def _normalize(mel: Array) -> Array:
    """Floor, then subtract the mean over frames with speech from each band."""
    frames = _blocks(len(mel))
    power = [np.exp(mel[block], dtype=np.float32).sum(axis=1) for block in frames]
    level = np.log(np.concatenate(power))
    loudest = _loudest(level)
    active = level >= loudest + ACTIVE
    count = np.count_nonzero(active)
    own = np.zeros(NUM_BANDS)
    for block in frames:  # NumPy copies an array that it both reads and casts
        mel[block] = np.maximum(mel[block], np.float32(loudest + FLOOR))
        own += mel[block][active[block]].sum(axis=0, dtype=np.float64) / count
    place = np.linspace(-1, 1, NUM_BANDS)
    average = level[active].mean(dtype=np.float64) + np.polyval(PRIOR[::-1], place)
    weight = PRIOR_FRAMES / (PRIOR_FRAMES + count)
    mean = ((1 - weight) * own + weight * average).astype(np.float32)
    for block in frames:
        mel[block] = (mel[block] - mean) / np.float32(SPREAD)
    return mel


def _loudest(level: Array) -> float:
    """Level of the loudest 110 ms: a single loud frame, such as a click, must not count."""
    width = min(LOUDEST_FRAMES, level.size)
    top = float(level.max())
    smooth = np.convolve(np.exp((level - top).astype(np.float64)), np.ones(width) / width, "valid")
    return top + float(np.log(smooth.max()))


@cache
def _window() -> Tensor:
    return torch.hann_window(WINDOW, dtype=torch.float32, device="cpu")


@cache
def mel_filters() -> Tensor:
    """Weights (257, 80) of frequencies in bands.

    Triangles that meet at half height, equally spaced on Slaney's mel scale.
    """
    edges = _mel_to_hz(np.linspace(_hz_to_mel(LOWEST), _hz_to_mel(HIGHEST), NUM_BANDS + 2))
    hz = np.arange(FFT_SIZE // 2 + 1)[:, None] * SAMPLE_RATE / FFT_SIZE
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return torch.from_numpy(np.maximum(0, np.minimum(rising, falling)).astype(np.float32))


def _hz_to_mel(hz: float) -> float:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    return 3 * hz / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000) / np.log(6.4))


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))
