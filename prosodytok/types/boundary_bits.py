"""What a decoder must be told to place the units, counted in bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.segmentation import Segmentation

#: Steps on which unit edges may lie (frames): two bits say which.
STEPS = (8, 4, 2, 1)
#: Log2 of a duration in mean word durations (1 / word rate) follows a logistic distribution of this
#: centre and scale. Fitted to the training speech; any words can be coded, at more or fewer bits.
WORD_DURATION = (-0.1, 0.35)
PHRASE_DURATION = (2.6, 0.49)
#: How often units are those of `segment_even`.
EVEN_SHARE = 1 / 4
#: How often a word edge is a phrase edge.
PHRASE_SHARE = 1 / 15


def boundary_bits(
    words: Segmentation | None, phrases: Segmentation | None, word_rate_hz: float, frame_rate: float
) -> float:
    """Length of the code that places words and phrases in an utterance of known length.

    An arithmetic coder with fixed tables spends it. First, whether the units are even, which says
    where they are. Else two bits say on which step all edges lie, and then for each unit its
    duration, under a log-logistic prior about the register's word rate and no longer than what is
    left of the utterance. Last, for each inner word edge, whether it is a phrase's.

    Parameters
    ----------
    words, phrases : Segmentation or None
        The units; of a level that is not sent, None.
    word_rate_hz : float
        The register's word rate (Hz).
    frame_rate : float
        Frames per second of the segmentations.

    Returns
    -------
    float
        Bits; 0 where no unit has to be placed.
    """
    finest = words or phrases
    if finest is None:
        return 0.0
    step = edge_step(finest)
    prior = PHRASE_DURATION if words is None else WORD_DURATION
    bits = np.log2(len(STEPS) / (1 - EVEN_SHARE))
    bits += _duration_bits(finest, step, word_rate_hz / frame_rate, prior)
    if words is not None and _even(words):
        bits = min(bits, -np.log2(EVEN_SHARE))
    if words is not None and phrases is not None:
        edges, flagged = len(words) - 1, len(phrases) - 1
        bits -= flagged * np.log2(PHRASE_SHARE) + (edges - flagged) * np.log2(1 - PHRASE_SHARE)
    return float(bits)


def edge_step(units: Segmentation) -> int:
    """Frames of the coarsest of `STEPS` on which all inner edges of the units lie."""
    return next(step for step in STEPS if not (units.boundaries[1:-1] % step).any())


def _even(units: Segmentation) -> bool:
    """Whether these are the units that `segment_even` makes of an utterance of this length."""
    return np.array_equal(units.boundaries, Segmentation.even(units.num_frames).boundaries)


def _duration_bits(
    units: Segmentation, step: int, units_per_frame: float, prior: tuple[float, float]
) -> float:
    """Bits of all durations in steps, each given what is left of the utterance."""

    def share_up_to(steps: NDArray[np.float64]) -> NDArray[np.float64]:
        octaves = np.log2(steps * step * units_per_frame)
        return 1 / (1 + np.exp(-(octaves - prior[0]) / prior[1]))

    steps = np.ceil(units.durations / step)  # only the last can end off the step
    left = np.ceil((units.num_frames - units.boundaries[:-1]) / step)
    shorter = np.where(steps > 1, share_up_to(np.maximum(steps, 2) - 0.5), 0.0)
    share: NDArray[np.float64] = (share_up_to(steps + 0.5) - shorter) / share_up_to(left + 0.5)
    return -float(np.log2(np.maximum(share, np.finfo(float).tiny)).sum())
