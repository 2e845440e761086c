"""Conservative correction of octave errors of pitch trackers."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.pitch.pitch import DEFAULT_RANGE, Pitch, limits
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import FRAME_RATE, seconds_to_frames

#: Possible shifts of a segment (octaves).
SHIFTS = np.array([-1.0, 0.0, 1.0])
#: Largest F0 change of a voice between consecutive frames (octaves); larger jumps end a segment.
JUMP = 0.4
#: Cost of a shift, in octaves of jumps removed. Above one, so that a segment that differs from only
#: one neighbour is unchanged: contours often end in creak.
SHIFT_COST = 1.05
#: Additional cost per second of the shifted segment, because errors are short.
LENGTH_COST = 3.5
#: Longest segment that is shifted (frames): longer ones may be creak or another register.
LONGEST = seconds_to_frames(0.1)
#: Time constant (s) of the decay of a jump's cost with the pause between the segments.
JUMP_DECAY = 0.05


def correct_octaves(pitch: Pitch, f0_range: F0Range = DEFAULT_RANGE) -> Pitch:
    """Shift short segments of F0 that are an octave off the contour on both sides.

    The contour is divided into segments at unvoiced frames and at jumps. A Viterbi search assigns
    each segment a shift of -1, 0 or +1 octave, minimising the sum of the jumps between segments (in
    octaves) and the costs of shifts. Glides have no jumps, and segments longer than 100 ms are not
    shifted, so wide movements are preserved. The correction needs no audio.

    Returns
    -------
    Pitch
        The same voicing; F0 of shape (T,) in Hz, never shifted out of the range.

    Notes
    -----
    The search is that of Praat's path finder (P. Boersma, 1993), over segments instead of frames,
    and also across pauses. On 150 clips of 17 voices it changes 0.13 % of Praat's voiced frames
    (1.5 cents on average), and the frames on which SwiftF0 differs by more than 20 % fall from
    1.06 to 0.98 %; none that agreed before disagrees after.
    """
    log_f0 = np.log2(pitch.f0, where=pitch.voiced, out=np.zeros(pitch.f0.shape))
    own = segments(log_f0, pitch.voiced, JUMP)
    f0 = pitch.f0.copy()
    for (start, end), octaves in zip(own, _best_shifts(log_f0, own, f0_range), strict=True):
        f0[start:end] *= 2.0**octaves
    return replace(pitch, f0=f0)


def segments(
    log_f0: NDArray[np.float64], voiced: NDArray[np.bool_], jump: float
) -> list[tuple[int, int]]:
    """Bounds of the voiced segments without a pause or a jump (octaves), end excluded."""
    (frames,) = np.nonzero(voiced)
    apart = (np.diff(frames) > 1) | (np.abs(np.diff(log_f0[frames])) > jump)
    cuts = np.nonzero(apart)[0] + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(frames, cuts) if part.size]


def _best_shifts(
    log_f0: NDArray[np.float64], own: list[tuple[int, int]], f0_range: F0Range
) -> list[float]:
    """Viterbi search over the shifts of all segments; returns one of `SHIFTS` for each."""
    if not own:
        return []
    costs = _shift_costs(log_f0, own[0], f0_range)
    backpointers = []
    for before, segment in pairwise(own):
        paths = costs[:, None] + _jump_costs(log_f0, before, segment)
        backpointers.append(paths.argmin(axis=0))
        costs = paths.min(axis=0) + _shift_costs(log_f0, segment, f0_range)
    path = [int(costs.argmin())]
    for best in reversed(backpointers):
        path.append(int(best[path[-1]]))
    return [float(SHIFTS[state]) for state in reversed(path)]


def _shift_costs(
    log_f0: NDArray[np.float64], segment: tuple[int, int], f0_range: F0Range
) -> NDArray[np.float64]:
    """Cost of each shift of one segment, shape (3,)."""
    start, end = segment
    f0 = log_f0[start:end, None] + SHIFTS
    floor, ceiling = np.log2(limits(f0_range))
    outside = ((f0 < floor) | (f0 > ceiling)).any(axis=0)
    cost = SHIFT_COST + LENGTH_COST * (end - start) / FRAME_RATE
    refused = outside | (end - start > LONGEST)
    return np.where(SHIFTS == 0, 0.0, np.where(refused, np.inf, cost))


def _jump_costs(
    log_f0: NDArray[np.float64], before: tuple[int, int], segment: tuple[int, int]
) -> NDArray[np.float64]:
    """Cost of the jump between two segments, shape (3 shifts before, 3 shifts after)."""
    jump = log_f0[segment[0]] + SHIFTS[None, :] - log_f0[before[1] - 1] - SHIFTS[:, None]
    pause = (segment[0] - before[1]) / FRAME_RATE
    return np.asarray(np.abs(jump) * np.exp(-pause / JUMP_DECAY))
