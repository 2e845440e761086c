"""Words marked by points, one a word, instead of intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from prosodytok.io.textgrid import Entry
from prosodytok.segmentation.acoustic import find_pauses
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Distance (s) of a point from the start or end of the sound that counts as none.
AT_EDGE = 0.05


def points_to_intervals(
    points: Sequence[Entry],
    is_word: Sequence[bool],
    duration: float,
    prosody: Prosody | None = None,
) -> tuple[list[Entry], str]:
    """Convert points to the intervals of the words that they mark.

    A point is the start of its word, which lasts to the next point, or the end of its word, which
    lasts from the point before (the convention of ToBI's orthographic tier). It is the end if more
    speech lies before the first word's point than after the last one's. Pauses are cut off from the
    words. Without the prosody, points are ends only if the last one is at the end of the sound, and
    words include the pauses beside them.

    Parameters
    ----------
    points : sequence of Entry
        Points in order of time.
    is_word : sequence of bool
        Which of them mark words, at least one; the others delimit pauses.
    duration : float
        Length of the sound (s).
    prosody : Prosody, optional
        Its prosody.

    Returns
    -------
    intervals : list of Entry
        As many intervals, with the labels of the points.
    convention : {"starts", "ends"}
        What the points are.
    """
    times = [min(max(point.start, 0.0), duration) for point in points]
    words = [time for time, word in zip(times, is_word, strict=True) if word]
    if prosody is None:
        ends = words[0] > AT_EDGE and words[-1] > duration - AT_EDGE
        silent = np.zeros(seconds_to_frames(duration), dtype=bool)
    else:
        silent = find_pauses(prosody)
        first, last = seconds_to_frames(words[0]), seconds_to_frames(words[-1])
        ends = bool((~silent[:first]).sum() > (~silent[last:]).sum())
    edges = [0.0, *times] if ends else [*times, duration]
    intervals = []
    for (start, end), point in zip(pairwise(edges), points, strict=True):
        frames = np.flatnonzero(~silent[seconds_to_frames(start) : seconds_to_frames(end)])
        if frames.size and ends:
            start += frames_to_seconds(int(frames[0]))
        elif frames.size:
            end = min(end, start + frames_to_seconds(int(frames[-1]) + 1))
        intervals.append(Entry(start, end, point.label))
    return intervals, "ends" if ends else "starts"
