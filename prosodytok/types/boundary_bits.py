"""Code length of unit boundaries: the side information of phrase and word tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prosodytok.types.segmentation import Segmentation

#: Grid steps of unit edges (frames); two bits select one.
STEPS = (8, 4, 2, 1)
#: Location and scale of the logistic distribution of log2(duration * word rate). Fitted to the
#: training speech; words of any duration can be coded, at more or fewer bits.
WORD_DURATION = (-0.1, 0.35)
PHRASE_DURATION = (2.6, 0.49)
#: Prior probability that the units are those of `segment_even`.
EVEN_SHARE = 1 / 4
#: Prior probability that a word edge is a phrase edge.
PHRASE_SHARE = 1 / 15


def boundary_bits(
    words: Segmentation | None, phrases: Segmentation | None, word_rate_hz: float, frame_rate: float
) -> float:
    """Code length of the words and phrases of an utterance of known length.

    The length is that of an arithmetic coder with fixed tables, which codes in turn: whether the
    units are even, which determines them; otherwise the grid step of all edges (two bits) and the
    duration of each unit, under a log-logistic prior relative to the register's word rate and
    truncated to the rest of the utterance; then for each inner word edge whether a phrase ends.

    Parameters
    ----------
    words, phrases : Segmentation or None
        The units; None for a level that is not transmitted.
    word_rate_hz : float
        The register's word rate (Hz).
    frame_rate : float
        Frames per second of the segmentations.

    Returns
    -------
    float
        Bits; 0 without units.
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
    """The coarsest of `STEPS` (frames) that divides all inner edges of the units."""
    return next(step for step in STEPS if not (units.boundaries[1:-1] % step).any())


def _even(units: Segmentation) -> bool:
    """Whether the units equal those of `segment_even` for an utterance of this length."""
    return np.array_equal(units.boundaries, Segmentation.even(units.num_frames).boundaries)


def _duration_bits(
    units: Segmentation, step: int, units_per_frame: float, prior: tuple[float, float]
) -> float:
    """Bits of all durations in steps, each conditioned on the rest of the utterance."""

    def share_up_to(steps: NDArray[np.float64]) -> NDArray[np.float64]:
        octaves = np.log2(steps * step * units_per_frame)
        return 1 / (1 + np.exp(-(octaves - prior[0]) / prior[1]))

    steps = np.ceil(units.durations / step)  # the last unit may end off the grid
    left = np.ceil((units.num_frames - units.boundaries[:-1]) / step)
    shorter = np.where(steps > 1, share_up_to(np.maximum(steps, 2) - 0.5), 0.0)
    share: NDArray[np.float64] = (share_up_to(steps + 0.5) - shorter) / share_up_to(left + 0.5)
    return -float(np.log2(np.maximum(share, np.finfo(float).tiny)).sum())
