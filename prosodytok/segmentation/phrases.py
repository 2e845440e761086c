"""Grouping of words into phrases, by pauses or by given edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.segmentation.dynamic_programming import best_boundaries
from prosodytok.types.segmentation import Hierarchy, Segmentation, UnitSource
from prosodytok.types.units import seconds_to_frames

#: Minimum pause that ends a phrase (frames). Many shorter ones are stop closures: Campione &
#: Véronis (2002), "A large-scale multilingual study of silent pause duration".
PHRASE_PAUSE = seconds_to_frames(0.2)
#: Maximum and typical length of phrases in speech without such pauses.
LONGEST_PHRASE = seconds_to_frames(5.0)
TYPICAL_PHRASE = seconds_to_frames(2.5)
#: Gain of a phrase boundary per frame of a short pause.
GAIN_PER_PAUSE_FRAME = 0.1


def phrases_by_pauses(
    words: Segmentation,
    source: UnitSource,
    *,
    pauses: ArrayLike | None = None,
    gains: ArrayLike | None = None,
) -> Hierarchy:
    """Group words into phrases that end after a pause of at least 0.2 s.

    Phrases longer than 5 s are divided at word edges, into phrases of about 2.5 s, preferably after
    longer short pauses and at larger gains.

    Parameters
    ----------
    words : Segmentation
        The N words and pauses.
    source : str
        Origin of the words; see `Hierarchy`.
    pauses : (N,) bool, optional
        Which units are pauses; by default those with label ``""``.
    gains : (N,) float, optional
        Gain of a phrase start at each unit; by default zero.
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
        # The length limit applies to the speech without the pauses around it.
        begin = words.boundaries[first + silent[first]]
        end = words.boundaries[last - silent[last - 1]]
        chosen += [int(first), *_divide_long(words, starts[low:high], gain, begin, end)]
    return Hierarchy.from_words(words, chosen, source, silent)


def phrases_by_edges(
    words: Segmentation, edges: ArrayLike, source: UnitSource, *, pauses: ArrayLike | None = None
) -> Hierarchy:
    """Group words into phrases with given edges, each moved to the nearest word edge.

    An edge before a pause moves to its end, because a pause belongs to the preceding phrase.

    Parameters
    ----------
    words : Segmentation
        The N words and pauses.
    edges : (E,) int
        Phrase edges in frames, in any order; the ends of the utterance are optional.
    source : str
        Origin of the words; see `Hierarchy`.
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
    """Choose the units of `inner` at which phrases start, between the frames `begin` and `end`."""
    if end - begin <= LONGEST_PHRASE:
        return inner[:0]
    edges = np.concatenate([[begin], words.boundaries[inner], [end]])
    edge_gains = np.concatenate([[0.0], gains[inner], [0.0]])
    return inner[best_boundaries(edges, edge_gains, TYPICAL_PHRASE, LONGEST_PHRASE) - 1]
