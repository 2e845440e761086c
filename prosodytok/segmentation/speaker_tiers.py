"""Turns of speakers in the tiers of a TextGrid."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from prosodytok.io.rttm import Turn
from prosodytok.io.textgrid import Entry, Tier, find_tier, tier_names
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.types.errors import SegmentationError

#: Words in the names of tiers with speakers.
SPEAKER_TIERS = {
    "speaker", "speakers", "spk", "spkr", "turn", "turns", "diarization", "diarisation",
    "sprecher", "spreker", "sprekers", "locuteur", "locuteurs", "hablante", "hablantes",
}  # fmt: skip
#: Tier of the words of one speaker, as the Montreal Forced Aligner names it.
SPEAKER_WORDS = re.compile(r"\s*(\S.*?)\s+-\s+words\s*", re.IGNORECASE)
#: Name that stands for a tier of each speaker.
EACH_TIER = "*"
#: Longest pause (s) between two words of one turn.
LONGEST_PAUSE = 0.5


def turns_from_tiers(
    tiers: Sequence[Tier], name: str | None = None, silence_labels: Collection[str] = ()
) -> list[Turn]:
    """Read the turns of speakers from a TextGrid.

    Parameters
    ----------
    tiers : sequence of Tier
        The tiers of the TextGrid.
    name : str, optional
        Name or number of an interval tier whose labels are speakers; or ``"*"``: each interval tier
        has the turns of the speaker that it is named after. By default the only tier with a name
        such as ``speaker``, else the tiers of words by speaker (``Ann - words``), whose words are
        one turn if the pauses between them are at most 0.5 s.
    silence_labels : collection of str
        Labels without a turn, beside those of `is_silence`.

    Raises
    ------
    SegmentationError
        If there is no such tier, several, or no turn.
    """
    if name == EACH_TIER:
        chosen = [(tier.name.strip(), tier) for tier in tiers if tier.kind == "interval"]
        turns = [
            Turn(e.start, e.end, speaker)
            for speaker, tier in chosen
            for e in _labelled(tier, silence_labels)
        ]
    elif name is not None or _named(tiers):
        tier = find_tier(tiers, name) if name is not None else _only(_named(tiers))
        if tier.kind != "interval":
            raise SegmentationError(f"tier {tier.name!r} has points; turns must be intervals")
        turns = [Turn(e.start, e.end, e.label.strip()) for e in _labelled(tier, silence_labels)]
    else:
        turns = [turn for tier in tiers for turn in _turns_of_words(tier, silence_labels)]
    if not turns:
        raise SegmentationError(
            f"no turn of a speaker; there are {tier_names(tiers)}. Name the tier: FILE:TIER, or "
            f"FILE:{EACH_TIER} if each tier is a speaker"
        )
    return turns


def _labelled(tier: Tier, silence_labels: Collection[str]) -> list[Entry]:
    return [entry for entry in tier.entries if not is_silence(entry.label, silence_labels)]


def _named(tiers: Iterable[Tier]) -> list[Tier]:
    """Interval tiers with a name for speakers."""
    return [
        tier
        for tier in tiers
        if tier.kind == "interval"
        and SPEAKER_TIERS & set(re.split(r"[\W_]+", tier.name.casefold()))
        and not SPEAKER_WORDS.fullmatch(tier.name)
    ]


def _only(tiers: list[Tier]) -> Tier:
    if len(tiers) > 1:
        raise SegmentationError(
            f"tiers {', '.join(repr(tier.name) for tier in tiers)} could all have the speakers: "
            "name one, FILE:TIER"
        )
    return tiers[0]


def _turns_of_words(tier: Tier, silence_labels: Collection[str]) -> list[Turn]:
    """Turns of a tier of the words of one speaker; none if it is another tier."""
    match = SPEAKER_WORDS.fullmatch(tier.name)
    words = sorted(_labelled(tier, silence_labels)) if match and tier.kind == "interval" else []
    if match is None or not words:
        return []
    cuts = [
        number
        for number, (before, after) in enumerate(pairwise(words), 1)
        if after.start - before.end > LONGEST_PAUSE
    ]
    edges = zip([0, *cuts], [*cuts, len(words)], strict=True)
    return [Turn(words[a].start, max(w.end for w in words[a:b]), match[1]) for a, b in edges]
