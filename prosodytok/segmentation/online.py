"""Words and phrases of streaming prosody: the rule of `acoustic` on a sliding window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from prosodytok.features.streaming_prosody import join_hops, split_hops
from prosodytok.segmentation.acoustic import (
    SHORTEST_SPEECH,
    boundary_gains,
    pause_threshold,
    pauses_under,
    unit_boundaries,
)
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Hierarchy, Segmentation
from prosodytok.types.units import seconds_to_frames

#: Look-ahead after which an edge is final, long enough to detect a pause.
LOOK_AHEAD = seconds_to_frames(0.2)
#: Maximum delay of an edge; no edge is added further back.
MAX_DELAY = seconds_to_frames(0.32)
#: Context before the last edge, and maximum length of the window.
CONTEXT, WINDOW = seconds_to_frames(0.4), seconds_to_frames(2.4)
#: A phrase without a pause ends with the first word that exceeds this length.
LONG_PHRASE = seconds_to_frames(4.0)
#: Difference of the 90th percentiles of energy of voiced frames and of all frames (dB).
VOICED_LEVEL = 2.0


@dataclass(frozen=True)
class OnlineUnit:
    """A completed word or pause.

    Parameters
    ----------
    start, end : int
        First frame, and the frame after the last.
    pause : bool
        Whether it is a pause.
    ends_phrase : bool
        Whether it is the last unit of a phrase.
    """

    start: int
    end: int
    pause: bool
    ends_phrase: bool


class OnlineSegmenter:
    """Finds the ends of words, pauses and phrases in hops of prosody.

    With each hop the frames since the last edge are segmented again. Edges are final after 0.2 s,
    and no edge is added more than 0.32 s back. A phrase ends with a pause of 0.2 s that is followed
    by speech, or with the word that exceeds a length of 4 s.

    Parameters
    ----------
    register : Register
        Sets the energy threshold of pauses.
    """

    def __init__(self, register: Register) -> None:
        self._threshold = pause_threshold(
            register.energy_level_db + VOICED_LEVEL, register.energy_range_db + VOICED_LEVEL
        )
        self._window: list[Prosody] = []  # the last hops
        self._first = 0  # first frame of the window
        self._received = 0  # frame after the window
        self._edge = 0
        self._speech: int | None = None  # start of the speech of the phrase

    def push(self, hop: Prosody) -> list[OnlineUnit]:
        """Take the next hop of 8 frames; return the units that are final."""
        self._window.append(hop)
        self._received += hop.num_frames
        keep = max(self._edge - CONTEXT, self._received - WINDOW)
        while self._first + FRAMES_PER_TOKEN <= keep:
            self._first += self._window.pop(0).num_frames
        return self._segment(self._received - LOOK_AHEAD)

    def finish(self) -> list[OnlineUnit]:
        """The remaining units; the last one ends a phrase."""
        return self._segment(self._received)

    def _segment(self, until: int) -> list[OnlineUnit]:
        """Units that end at or before the frame `until`."""
        if until <= self._edge:
            return []
        prosody = join_hops(self._window)
        silent = pauses_under(prosody, self._threshold)
        begin = max(self._edge, self._first)
        gains = boundary_gains(prosody)
        gains[: max(0, gains.size - MAX_DELAY)] = 0.0
        found = unit_boundaries(silent, gains, begin - self._first)
        edges = [frame + self._first for frame in found]
        pauses = [bool(silent[(a + b) // 2 - self._first]) for a, b in pairwise(edges)]
        units = []
        for i, (pause, edge) in enumerate(zip(pauses, edges[1:], strict=True)):
            if edge > until:
                break
            final = edge == self._received
            if final or edge - self._edge > SHORTEST_SPEECH:
                before_pause = not final and pauses[i + 1]
                units.append(self._close(edge, pause, before_pause, final))
        return units

    def _close(self, edge: int, pause: bool, before_pause: bool, final: bool) -> OnlineUnit:
        start, self._edge = self._edge, edge
        if self._speech is None and not pause:
            self._speech = start
        spoken = 0 if self._speech is None else edge - self._speech
        paused = pause and edge - start >= PHRASE_PAUSE
        # The pause after a phrase belongs to it, as does one before its first word.
        ends = spoken > 0 and not before_pause and (paused or spoken >= LONG_PHRASE)
        if ends := ends or final:
            self._speech = None
        return OnlineUnit(start, edge, pause, ends)


def segment_online(prosody: Prosody, register: Register) -> Hierarchy:
    """Segment a whole prosody as `OnlineSegmenter` does."""
    segmenter = OnlineSegmenter(register)
    units = [unit for hop in split_hops(prosody) for unit in segmenter.push(hop)]
    return online_hierarchy([*units, *segmenter.finish()])


def online_hierarchy(units: Sequence[OnlineUnit]) -> Hierarchy:
    """Hierarchy of all units of a complete stream."""
    words = Segmentation.unlabelled([0, *(unit.end for unit in units)])
    phrases = Segmentation.unlabelled([0, *(unit.end for unit in units if unit.ends_phrase)])
    return Hierarchy(phrases, words, "acoustic", np.array([unit.pause for unit in units]))
