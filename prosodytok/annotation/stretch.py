"""Where the annotator has been: only there does the lack of a mark say anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation.annotation_types import Annotation
from prosodytok.annotation.unit_alignment import Spans
from prosodytok.io.textgrid import Entry
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.types.units import frames_to_seconds

Bools = NDArray[np.bool_]


def annotated_units(annotation: Annotation, units: Sequence[Entry]) -> Bools:
    """Find which of N units are annotated, shape (N,).

    Speech between two pauses of 0.2 s is at least one phrase, and has a mark in every scheme: where
    it has none, nobody annotated it. Where break indices are given after every word, as ToBI asks,
    the words before the first and after the last are not annotated either.

    Parameters
    ----------
    annotation : Annotation
        Of one utterance.
    units : sequence of Entry
        Its words or its syllables.
    """
    words = Spans(annotation.words)
    annotated = _in_marked_runs(annotation, words) & _within_breaks(annotation, words)
    held = [words.holding(unit.start, unit.end) for unit in units]
    return np.array([word is not None and annotated[word] for word in held], dtype=bool)


def _in_marked_runs(annotation: Annotation, words: Spans) -> Bools:
    pauses = words.starts[1:] - words.ends[:-1]
    run = np.concatenate([[0], np.cumsum(pauses >= frames_to_seconds(PHRASE_PAUSE) - 1e-9)])
    marked = [words.holding(accent.start, accent.end) for accent in annotation.accents]
    for edge in annotation.boundaries:
        place = words.starting if edge.side == "initial" else words.ending
        marked.append(place(edge.time))
    marked += [words.ending(index.time) for index in annotation.breaks]
    return np.isin(run, [run[word] for word in marked if word is not None])


def _within_breaks(annotation: Annotation, words: Spans) -> Bools:
    """Mark the words from the first break index to the last; all if only phrases have them."""
    order = np.arange(len(words.units))
    places = [words.ending(index.time) for index in annotation.breaks]
    after = [word for word in places if word is not None]
    within_phrases = any(0 <= index.index < 3 for index in annotation.breaks)
    if not after or not within_phrases:
        return order >= 0
    return (order >= min(after)) & (order <= max(after))
