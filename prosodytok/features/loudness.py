"""Level of the loudest sound that lasts: robust against clicks, independent of silence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.types.units import FRAME_RATE, samples_to_frames

#: Frames of the running median: sounds shorter than half of it (45 ms) do not count.
MEDIAN = 9
#: Frames computed at once.
BLOCK_FRAMES = 60_000


def robust_maximum(values: NDArray[np.floating]) -> float:
    """Maximum of the running median over nine frames (90 ms).

    A click changes three frames of the energy, so it does not count. A percentile would change
    with the share of silence.

    Parameters
    ----------
    values : (T,) array
        One value per frame, T > 0.
    """
    reach = MEDIAN // 2
    padded = np.pad(values, reach, mode="reflect")
    found = [
        np.median(np.lib.stride_tricks.sliding_window_view(part, MEDIAN), axis=1).max()
        for part in (padded[b.start : b.end + 2 * reach] for b in blocks(len(values), BLOCK_FRAMES))
    ]
    return float(max(found))


def peak_level(samples: NDArray[np.float32], sample_rate: int) -> float:
    """`robust_maximum` of the frames' peaks: their largest distances from the mean."""
    mean = samples.mean(dtype=np.float64)
    num_frames = samples_to_frames(samples.size, sample_rate)
    peaks = np.zeros(num_frames)
    for block in blocks(num_frames, BLOCK_FRAMES):
        starts = np.arange(block.start, block.end) * sample_rate // round(FRAME_RATE)
        end = block.end * sample_rate // round(FRAME_RATE)
        part = np.abs(samples[starts[0] : max(end, starts[-1] + 1)] - np.float32(mean))
        peaks[block.start : block.end] = np.maximum.reduceat(part, starts - starts[0])
    return robust_maximum(peaks)
