"""Phrases annotated as intervals, as in emuR, and their closing tones in a tier of tones.

Winkelmann, Harrington & Jänsch (2017), "EMU-SDMS: Advanced speech database management and analysis
in R". An interval ends with its last word; its closing tone is marked at its audible position,
often within that word. The two are records of the same phrase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from prosodytok.annotation.annotation_types import Boundary, Level, Mark
from prosodytok.annotation.schemes import Scheme, read_tones
from prosodytok.io.textgrid import Entry, Tier
from prosodytok.segmentation.intervals import SHORTEST_GAP
from prosodytok.segmentation.silence_labels import is_silence

LEVELS: tuple[Level, ...] = get_args(Level)
#: An edge without a tone.
BARE: dict[Level, str] = {"intonational": "%", "intermediate": "-"}


@dataclass(frozen=True)
class Phrase:
    """A phrase annotated as an interval from `start` to `end` (s), and its final edge."""

    start: float
    end: float
    edge: Boundary

    def contains(self, mark: Boundary) -> bool:
        """Whether a closing tone belongs to this phrase; it may lie slightly after its end."""
        if (mark.side, mark.level) != ("final", self.edge.level):
            return False
        return self.start < mark.time < self.end + SHORTEST_GAP


def read_phrases(scheme: Scheme, tier: Tier, level: Level, words: Sequence[Entry]) -> list[Phrase]:
    """Read the phrases of one level from an interval tier.

    A phrase ends with the last word of its interval, even if a pause follows within the interval. A
    label that is not a closing tone of the level leaves the tone open.
    """
    return [_phrase(scheme, entry, level, words) for entry in tier.entries if not is_gap(entry)]


def is_gap(entry: Entry) -> bool:
    """Whether an interval in a tier of tones or phrases is a gap."""
    # A lone "-" is a silence in a tier of words, but an open phrase accent here.
    return is_silence(entry.label) and entry.label.strip() != "-"


def join_tones(
    phrases: Sequence[Phrase], marks: Sequence[Boundary], tier: str
) -> tuple[list[Boundary], list[Mark]]:
    """Merge phrases and the boundaries of a tier of tones, both in temporal order, into one list.

    The closing tone of a phrase completes the label of its interval. Marks of levels without
    phrases are kept; those that contradict the phrases are returned beside the boundaries.
    """
    levels = {phrase.edge.level for phrase in phrases}
    boundaries, contradictions = [], []
    remaining = list(marks)
    for phrase in phrases:
        tone = next((mark for mark in reversed(remaining) if phrase.contains(mark)), None)
        boundaries.append(phrase.edge if tone is None else _merge(phrase.edge, tone))
        if tone is not None:
            remaining.remove(tone)
            if not _agree(phrase.edge, tone):
                reason = f"the phrase that ends here has {phrase.edge.tone}"
                contradictions.append(Mark(tone.time, tone.label, tier, reason))
    for mark in remaining:
        if mark.side == "final" and mark.level in levels:
            reason = f"no {mark.level} phrase ends here, or it has another tone already"
            contradictions.append(Mark(mark.time, mark.label, tier, reason))
        else:
            boundaries.append(mark)
    return boundaries, contradictions


def _phrase(scheme: Scheme, entry: Entry, level: Level, words: Sequence[Entry]) -> Phrase:
    ends = [word.end for word in words if entry.start < (word.start + word.end) / 2 < entry.end]
    end = min(entry.end, ends[-1]) if ends else entry.end
    bare = Boundary(end, entry.label.strip(), "final", level, BARE[level])
    read = [mark for mark in read_tones(scheme, entry, "") if isinstance(mark, Boundary)]
    closing = [mark for mark in read if (mark.side, mark.level) == ("final", level)]
    return Phrase(entry.start, entry.end, replace(closing[-1], time=end) if closing else bare)


def _agree(phrase: Boundary, tone: Boundary) -> bool:
    bare = BARE[phrase.level]
    return bare in (phrase.tone, tone.tone) or (
        tone.tone.endswith(phrase.tone) or phrase.tone.endswith(tone.tone)
    )


def _merge(phrase: Boundary, tone: Boundary) -> Boundary:
    if not _agree(phrase, tone):
        return phrase
    fuller = max(phrase.tone, tone.tone, key=len)
    return replace(
        phrase,
        tone=fuller,
        certain=phrase.certain and tone.certain,
        downstepped=phrase.downstepped or tone.downstepped,
    )
