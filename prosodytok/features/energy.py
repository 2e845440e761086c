"""Energy: the mean power of each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.features.loudness import robust_maximum
from prosodytok.types.audio import Audio
from prosodytok.types.units import FRAME_RATE, frame_times, samples_to_frames, seconds_to_samples

#: Length of the Hann window (s).
WINDOW = 0.025
#: Floor of the energy under the utterance's loudest frame (dB).
DYNAMIC_RANGE = 60.0
#: Energy of digital silence (dB): below that of any float recording.
SILENCE = -200.0

#: Frames computed at once.
BLOCK_FRAMES = 4096


def measure_energy(audio: Audio) -> NDArray[np.float32]:
    """Mean power about the mean in a 25 ms Hann window around each frame's centre.

    Returns
    -------
    (T,) float32
        Energy in dB re full scale at 100 Hz, floored at -200 dB and 60 dB under the loudest frame
        (`robust_maximum`, so that a click does not count). Outside the sound is no power, and its
        samples do not count for the mean.
    """
    length = seconds_to_samples(WINDOW, audio.sample_rate)
    # Sample n lies at (n + 0.5) / sample_rate, so a window of any length is centred on the frame.
    window = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
    window /= window.sum()
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
    centres = frame_times(num_frames, FRAME_RATE) * audio.sample_rate
    starts = np.floor(centres - length / 2 + 0.5).astype(np.int64)
    power = np.empty(num_frames)
    for block in blocks(num_frames, BLOCK_FRAMES):
        frames = slice(block.start, block.end)
        power[frames] = _mean_power(audio.samples, starts[frames], window)
    decibels = 10 * np.log10(np.maximum(power, 10 ** (SILENCE / 10)))
    floor = robust_maximum(decibels) - DYNAMIC_RANGE
    return np.asarray(np.maximum(decibels, floor), dtype=np.float32)


def _mean_power(
    samples: NDArray[np.float32],
    starts: NDArray[np.int64],
    window: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Power about the mean in the window put at each of the sorted `starts`."""
    low, high = int(starts[0]), int(starts[-1]) + window.size
    span, inside = np.zeros((2, high - low))
    part = samples[max(low, 0) : max(high, 0)]
    span[max(-low, 0) :][: part.size] = part
    inside[max(-low, 0) :][: part.size] = 1.0
    sums, squares, weights = (
        np.lib.stride_tricks.sliding_window_view(x, window.size)[starts - low] @ window
        for x in (span, span**2, inside)
    )
    return np.asarray(np.maximum(squares - sums**2 / weights, 0.0))
