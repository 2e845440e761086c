"""Conversion of labelled time intervals to a `Segmentation`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.errors import SegmentationError
from prosodytok.types.segmentation import Segmentation
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Minimum length of a pause (s); shorter gaps between words are stop closures or inaccuracies.
SHORTEST_GAP = 0.06


def intervals_to_segmentation(
    intervals: Sequence[tuple[float, float, str]], num_frames: int
) -> Segmentation:
    """Convert word intervals to a segmentation of the utterance.

    Gaps of at least 60 ms become units with label ``""``; shorter ones are added to the preceding
    word (at the start of the utterance, to the first word). Every word keeps at least one frame.

    Parameters
    ----------
    intervals : sequence of (start, end, label)
        Words in order and without overlap; times in seconds.
    num_frames : int
        Frames T of the utterance; later times are truncated.

    Raises
    ------
    SegmentationError
        If there are more units than frames.
    """
    duration = frames_to_seconds(num_frames)
    edges, labels = [0.0], []
    following = [start for start, _, _ in intervals[1:]] + [duration]
    for (start, end, label), next_start in zip(intervals, following, strict=True):
        if start - edges[-1] >= SHORTEST_GAP:
            edges.append(start)
            labels.append("")
        edges.append(next_start if next_start - end < SHORTEST_GAP else end)
        labels.append(label)
    if edges[-1] < duration:
        edges.append(duration)
        labels.append("")
    if len(labels) > num_frames:
        raise SegmentationError(f"{len(labels)} units do not fit into {num_frames} frames of 10 ms")
    return Segmentation(_strictly_increasing(edges, num_frames), tuple(labels))


def _strictly_increasing(edges: Sequence[float], num_frames: int) -> NDArray[np.int64]:
    """Round edges to frames such that every unit has at least one, shape (N + 1,)."""
    order = np.arange(len(edges))
    frames = np.array([seconds_to_frames(edge) for edge in edges], dtype=np.int64)
    frames = np.maximum.accumulate(frames - order) + order
    latest: NDArray[np.int64] = num_frames - order[::-1]
    return np.minimum(frames, latest)
