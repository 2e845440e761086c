"""Alignment of annotation marks with words or syllables, by time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation.annotation_types import Annotation
from prosodytok.io.textgrid import Entry
from prosodytok.segmentation.intervals import SHORTEST_GAP
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.types.units import frames_to_seconds

Bools = NDArray[np.bool_]
#: Largest distance (s) of a phrase-final mark after the end of its unit, and of a phrase-initial
#: mark from the start of its unit, ...
REACH = 0.3
#: ... and of a mark that lies within the next unit or in a pause: the annotator's imprecision.
TOLERANCE = SHORTEST_GAP


class UnitTimes:
    """Start and end times of N units: at least one, in temporal order, without overlap."""

    def __init__(self, units: Sequence[Entry]) -> None:
        self.units = tuple(units)
        self.starts, self.ends = np.array([(unit.start, unit.end) for unit in units]).T

    def containing(self, start: float, end: float) -> int | None:
        """Index of the unit with the largest overlap with times (s); None in pauses."""
        # Outside of a unit, the overlap is the negative distance to it; 0 for a point inside.
        overlaps = np.minimum(self.ends, end) - np.maximum(self.starts, start)
        nearest = int(overlaps.argmax())
        return nearest if overlaps[nearest] >= -TOLERANCE else None

    def starting(self, time: float) -> int | None:
        """Index of the unit that starts nearest to a time (s); None if out of reach."""
        distances = np.abs(self.starts - time)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= REACH else None

    def ending(self, time: float) -> int | None:
        """Index of the last unit of a phrase that ends at a time (s); None if out of reach."""
        unit = int(self.starts.searchsorted(time, side="right")) - 1
        if unit < 0:
            return None
        late = time - self.ends[unit - 1] if unit > 0 else np.inf
        if late <= TOLERANCE and late <= self.ends[unit] - time:
            return unit - 1
        return unit if time - self.ends[unit] <= REACH else None


def annotated_units(annotation: Annotation, units: Sequence[Entry]) -> Bools:
    """Find the annotated ones of N units (words or syllables), shape (N,).

    Speech between two pauses of 0.2 s is at least one phrase, which has a mark in every scheme:
    without marks, it is not annotated. If the words have break indices, as ToBI requires, words
    before the first and after the last break index are not annotated either.
    """
    words = UnitTimes(annotation.words)
    annotated = _in_marked_runs(annotation, words) & _within_breaks(annotation, words)
    containing = [words.containing(unit.start, unit.end) for unit in units]
    return np.array([word is not None and annotated[word] for word in containing], dtype=bool)


def _in_marked_runs(annotation: Annotation, words: UnitTimes) -> Bools:
    pauses = words.starts[1:] - words.ends[:-1]
    run = np.concatenate([[0], np.cumsum(pauses >= frames_to_seconds(PHRASE_PAUSE) - 1e-9)])
    marked = [words.containing(accent.start, accent.end) for accent in annotation.accents]
    for edge in annotation.boundaries:
        find_word = words.starting if edge.side == "initial" else words.ending
        marked.append(find_word(edge.time))
    marked += [words.ending(index.time) for index in annotation.breaks]
    return np.isin(run, [run[word] for word in marked if word is not None])


def _within_breaks(annotation: Annotation, words: UnitTimes) -> Bools:
    """Words from the first to the last break index; all words if only phrases have indices."""
    order = np.arange(len(words.units))
    ends = [words.ending(index.time) for index in annotation.breaks]
    after = [word for word in ends if word is not None]
    within_phrases = any(0 <= index.index < 3 for index in annotation.breaks)
    if not after or not within_phrases:
        return order >= 0
    return (order >= min(after)) & (order <= max(after))
