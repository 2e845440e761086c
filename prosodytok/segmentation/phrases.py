"""Phrases: runs of words that end after a pause, at a given edge, or before they get too long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.segmentation.dynamic_programming import best_boundaries
from prosodytok.types.segmentation import Hierarchy, Segmentation, UnitSource
from prosodytok.types.units import seconds_to_frames

#: A pause that ends a phrase (frames). Campione & Véronis (2002), "A large-scale multilingual study
#: of silent pause duration", set the shorter ones apart: many are stop closures.
PHRASE_PAUSE = seconds_to_frames(0.2)
#: Speech without such a pause is cut into phrases no longer than this, and about this long.
LONGEST_PHRASE = seconds_to_frames(5.0)
TYPICAL_PHRASE = seconds_to_frames(2.5)
#: What a frame of a short pause earns, as the place of a cut.
GAIN_PER_PAUSE_FRAME = 0.1


def phrases_by_pauses(
    words: Segmentation,
    source: UnitSource,
    *,
    pauses: ArrayLike | None = None,
    gains: ArrayLike | None = None,
) -> Hierarchy:
    """Group words into phrases that end after a pause of at least 0.2 s.

    A phrase that would be longer than 5 s is cut further, at the word edges that make phrases of
    about 2.5 s and follow the longest short pauses or the largest gains.

    Parameters
    ----------
    words : Segmentation
        The N words and pauses.
    source : str
        Where they come from; see `Hierarchy`.
    pauses : (N,) bool, optional
        Which units are pauses; by default those with label ``""``.
    gains : (N,) float, optional
        How well a phrase would start with each unit; by default all are equal.
    """
    silent = _pauses(words, pauses)
    starts = np.flatnonzero(~silent)[1:]
    follows_pause = silent[starts - 1] & (words.durations[starts - 1] >= PHRASE_PAUSE)
    gain = np.zeros(len(words)) if gains is None else np.array(gains, dtype=np.float64)
    gain[1:] += GAIN_PER_PAUSE_FRAME * np.where(silent, words.durations, 0)[:-1]

    firsts = [0, *starts[follows_pause], len(words)]
    chosen: list[int] = []
    for first, last in pairwise(firsts):
        low, high = np.searchsorted(starts, [first + 1, last])
        # What is long is the speech: the pauses around it do not count.
        begin = words.boundaries[first + silent[first]]
        end = words.boundaries[last - silent[last - 1]]
        chosen += [int(first), *_divide_long(words, starts[low:high], gain, begin, end)]
    return Hierarchy.from_words(words, chosen, source, silent)


def phrases_by_edges(
    words: Segmentation, edges: ArrayLike, source: UnitSource, *, pauses: ArrayLike | None = None
) -> Hierarchy:
    """Group words into phrases with given edges, each moved to the nearest word edge.

    An edge before a pause moves behind it: a pause belongs to the phrase before it.

    Parameters
    ----------
    words : Segmentation
        The N words and pauses.
    edges : (E,) int
        Phrase edges in frames, in any order; those of the utterance may be absent.
    source : str
        Where the words come from; see `Hierarchy`.
    pauses : (N,) bool, optional
        Which units are pauses; by default those with label ``""``.
    """
    silent = _pauses(words, pauses)
    starts = np.flatnonzero(~silent)
    middles = (words.boundaries[:-1] + words.boundaries[1:]) / 2
    nearest = np.searchsorted(middles, np.asarray(edges, dtype=np.float64))
    following = np.searchsorted(starts, nearest)
    inside = (following > 0) & (following < starts.size)
    return Hierarchy.from_words(words, starts[following[inside]].tolist(), source, silent)


def _pauses(words: Segmentation, pauses: ArrayLike | None) -> NDArray[np.bool_]:
    if pauses is None:
        return np.array([label == "" for label in words.labels])
    return np.asarray(pauses, dtype=bool)


def _divide_long(
    words: Segmentation,
    inner: NDArray[np.int64],
    gains: NDArray[np.float64],
    begin: np.int64,
    end: np.int64,
) -> NDArray[np.int64]:
    """Choose from the units `inner` those that further phrases between two frames start with."""
    if end - begin <= LONGEST_PHRASE:
        return inner[:0]
    edges = np.concatenate([[begin], words.boundaries[inner], [end]])
    earned = np.concatenate([[0.0], gains[inner], [0.0]])
    return inner[best_boundaries(edges, earned, TYPICAL_PHRASE, LONGEST_PHRASE) - 1]
