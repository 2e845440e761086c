"""Words and phrases of a stream: the rule of `acoustic`, applied to what has been heard so far."""

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

#: An edge holds once so much more has been heard: a pause is one by then.
LAG = seconds_to_frames(0.2)
#: What lies further back than this is no edge any more: it would be told too late.
LATEST = seconds_to_frames(0.32)
#: What is looked at: so much before the last edge, but no more than this in all.
CONTEXT, VIEW = seconds_to_frames(0.4), seconds_to_frames(2.4)
#: A phrase without a pause ends with the word that makes it longer than this.
LONG_PHRASE = seconds_to_frames(4.0)
#: The 90th percentile of energy lies this much higher in voiced frames than in all (dB).
VOICED_LEVEL = 2.0


@dataclass(frozen=True)
class OnlineUnit:
    """A word or pause that has ended.

    Parameters
    ----------
    start, end : int
        Its frames.
    pause : bool
        Whether nothing is said in it.
    ends_phrase : bool
        Whether a phrase ends with it.
    """

    start: int
    end: int
    pause: bool
    ends_phrase: bool


class OnlineSegmenter:
    """Finds the ends of words, pauses and phrases in hops of prosody.

    What lies between the last edge and now is cut again with each hop. Edges that lie 0.2 s back
    hold for good, and what lies 0.32 s back and is none yet will be none. A phrase ends with a
    pause of 0.2 s, when speech goes on after it, or with a word when it has lasted 4 s.

    Parameters
    ----------
    register : Register
        Says which energy is a pause's.
    """

    def __init__(self, register: Register) -> None:
        self._threshold = pause_threshold(
            register.energy_level_db + VOICED_LEVEL, register.energy_range_db + VOICED_LEVEL
        )
        self._view: list[Prosody] = []  # the last hops, ...
        self._first = 0  # ... the first frame of them, ...
        self._heard = 0  # ... and the frame after the last
        self._edge = 0
        self._speech: int | None = None  # where the phrase's speech begins

    def push(self, hop: Prosody) -> list[OnlineUnit]:
        """Take the next 8 frames, and give the units that have ended for certain."""
        self._view.append(hop)
        self._heard += hop.num_frames
        keep = max(self._edge - CONTEXT, self._heard - VIEW)
        while self._first + FRAMES_PER_TOKEN <= keep:
            self._first += self._view.pop(0).num_frames
        return self._cut(self._heard - LAG)

    def finish(self) -> list[OnlineUnit]:
        """The units that are left; with the last one a phrase ends."""
        return self._cut(self._heard)

    def _cut(self, until: int) -> list[OnlineUnit]:
        """Units that end at the frame `until` or before it."""
        if until <= self._edge:
            return []
        prosody = join_hops(self._view)
        silent = pauses_under(prosody, self._threshold)
        begin = max(self._edge, self._first)
        gains = boundary_gains(prosody)
        gains[: max(0, gains.size - LATEST)] = 0.0
        found = unit_boundaries(silent, gains, begin - self._first)
        edges = [frame + self._first for frame in found]
        pauses = [bool(silent[(a + b) // 2 - self._first]) for a, b in pairwise(edges)]
        units = []
        for i, (pause, edge) in enumerate(zip(pauses, edges[1:], strict=True)):
            if edge > until:
                break
            final = edge == self._heard
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
        # The pause after a phrase belongs to it, and one before the first word to that phrase.
        ends = spoken > 0 and not before_pause and (paused or spoken >= LONG_PHRASE)
        if ends := ends or final:
            self._speech = None
        return OnlineUnit(start, edge, pause, ends)


def segment_online(prosody: Prosody, register: Register) -> Hierarchy:
    """Cut a whole prosody as a stream of it is cut; see `OnlineSegmenter`."""
    segmenter = OnlineSegmenter(register)
    units = [unit for hop in split_hops(prosody) for unit in segmenter.push(hop)]
    return online_hierarchy([*units, *segmenter.finish()])


def online_hierarchy(units: Sequence[OnlineUnit]) -> Hierarchy:
    """All units of a stream that has ended."""
    words = Segmentation.unlabelled([0, *(unit.end for unit in units)])
    phrases = Segmentation.unlabelled([0, *(unit.end for unit in units if unit.ends_phrase)])
    return Hierarchy(phrases, words, "acoustic", np.array([unit.pause for unit in units]))
