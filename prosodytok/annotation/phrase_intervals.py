"""Phrases annotated as intervals, as emuR does, and their closing tones in a tier of tones.

Winkelmann, Harrington & Jänsch (2017), "EMU-SDMS: Advanced speech database management and analysis
in R". An interval ends where its last word does; a tone is marked where it is heard, often within
that word. Where both are given they are two records of one phrase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from prosodytok.annotation.annotation_types import Boundary, Level, Mark
from prosodytok.annotation.schemes import Scheme, read_tones
from prosodytok.io.textgrid import Entry, Tier
from prosodytok.segmentation.intervals import SHORTEST_GAP
from prosodytok.segmentation.textgrid_units import is_silence

LEVELS: tuple[Level, ...] = get_args(Level)
#: An edge without a tone.
BARE: dict[Level, str] = {"intonational": "%", "intermediate": "-"}


@dataclass(frozen=True)
class Phrase:
    """A phrase annotated as an interval from `start` to `stop` (s), and its closing tone."""

    start: float
    stop: float
    end: Boundary

    def holds(self, mark: Boundary) -> bool:
        """Whether a closing tone is this phrase's; it may stand a little after its end."""
        if (mark.side, mark.level) != ("final", self.end.level):
            return False
        return self.start < mark.time < self.stop + SHORTEST_GAP


def read_phrases(scheme: Scheme, tier: Tier, level: Level, words: Sequence[Entry]) -> list[Phrase]:
    """Read the phrases of an interval tier.

    A phrase ends with the last word that its interval holds, even if it holds a pause after it.

    Parameters
    ----------
    scheme : Scheme
        How its labels are written.
    tier : Tier
        Intervals; a label that is no closing tone of the level leaves the tone open.
    level : {"intonational", "intermediate"}
        Which phrases they are.
    words : sequence of Entry
        The words of the utterance.
    """
    return [_phrase(scheme, entry, level, words) for entry in tier.entries if not is_gap(entry)]


def is_gap(entry: Entry) -> bool:
    """Whether an interval among tones or phrases marks nothing."""
    # A lone "-" is silence among words, and an open phrase accent here.
    return is_silence(entry.label) and entry.label.strip() != "-"


def join_tones(
    phrases: Sequence[Phrase], marks: Sequence[Boundary], tier: str
) -> tuple[list[Boundary], list[Mark]]:
    """Join phrases and the boundaries of a tier of tones into one list.

    A phrase takes from its tone what its own label does not say. Levels that have no phrases keep
    their marks.

    Parameters
    ----------
    phrases : sequence of Phrase
        In order of time, of one level or both.
    marks : sequence of Boundary
        In order of time.
    tier : str
        Name of the tier with the marks.

    Returns
    -------
    list of Boundary, list of Mark
        The boundaries, and the marks that contradict the phrases.
    """
    levels = {phrase.end.level for phrase in phrases}
    boundaries, contradictions = [], []
    left = list(marks)
    for phrase in phrases:
        tone = next((mark for mark in reversed(left) if phrase.holds(mark)), None)
        boundaries.append(phrase.end if tone is None else _joined(phrase.end, tone))
        if tone is not None:
            left.remove(tone)
            if not _agree(phrase.end, tone):
                reason = f"the phrase that ends here has {phrase.end.tone}"
                contradictions.append(Mark(tone.time, tone.label, tier, reason))
    for mark in left:
        if mark.side == "final" and mark.level in levels:
            reason = f"no {mark.level} phrase ends here, or it has another tone already"
            contradictions.append(Mark(mark.time, mark.label, tier, reason))
        else:
            boundaries.append(mark)
    return boundaries, contradictions


def _phrase(scheme: Scheme, entry: Entry, level: Level, words: Sequence[Entry]) -> Phrase:
    held = [word.end for word in words if entry.start < (word.start + word.end) / 2 < entry.end]
    end = min(entry.end, held[-1]) if held else entry.end
    plain = Boundary(end, entry.label.strip(), "final", level, BARE[level])
    read = [mark for mark in read_tones(scheme, entry, "") if isinstance(mark, Boundary)]
    closing = [mark for mark in read if (mark.side, mark.level) == ("final", level)]
    return Phrase(entry.start, entry.end, replace(closing[-1], time=end) if closing else plain)


def _agree(phrase: Boundary, tone: Boundary) -> bool:
    bare = BARE[phrase.level]
    return bare in (phrase.tone, tone.tone) or (
        tone.tone.endswith(phrase.tone) or phrase.tone.endswith(tone.tone)
    )


def _joined(phrase: Boundary, tone: Boundary) -> Boundary:
    if not _agree(phrase, tone):
        return phrase
    fuller = max(phrase.tone, tone.tone, key=len)
    return replace(
        phrase,
        tone=fuller,
        certain=phrase.certain and tone.certain,
        downstepped=phrase.downstepped or tone.downstepped,
    )
