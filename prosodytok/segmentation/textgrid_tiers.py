"""Choice of the tiers of a TextGrid with words, phones or phrases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Literal

from prosodytok.io.textgrid import Tier, find_tier, tier_names
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.types.errors import SegmentationError

#: Words in the names of word tiers.
WORD_TIERS = {
    "word", "words", "ortho", "orthography", "ort", "orth", "text", "token", "tokens", "wort",
    "wörter", "woord", "woorden", "mot", "mots", "palabra", "palabras", "parola", "parole",
}  # fmt: skip
#: Words in the names of phone tiers, ...
PHONE_TIERS = {
    "phone", "phones", "phoneme", "phonemes", "phon", "segment", "segments", "mau", "foon", "fonen",
}  # fmt: skip
#: ... if none of these is: ORT-MAU and KAN-MAU of WebMAUS have words.
NO_PHONE_TIERS = WORD_TIERS | {"kan"}

Role = Literal["words", "phones"]


def default_tier(tiers: Sequence[Tier], role: Role, silence_labels: Collection[str] = ()) -> Tier:
    """Return the only tier with a name for words, or phones, and with a label.

    Interval tiers take precedence over point tiers.

    Raises
    ------
    SegmentationError
        If there is none, or several.
    """
    named = [tier for tier in tiers if _has_role(tier, role)]
    named = [tier for tier in named if tier.kind == "interval"] or named
    labelled = [tier for tier in named if is_labelled(tier, silence_labels)]
    found = labelled or named
    if len(found) == 1:
        return found[0]
    names = [tier.name for tier in found]
    problem = f"{', '.join(map(repr, names))} could all be" if found else "no tier looks like"
    raise SegmentationError(
        f"{problem} the {role}; there are {tier_names(tiers)}. Name the right one, or give its "
        f'number: --{role}-tier, {role}_tier=, or "tiers": {{"{role}": NAME}} in a manifest'
        + (". For the words of all speakers: --speakers" if len(set(names)) > 1 else "")
    )


def words_tier_of(tiers: Sequence[Tier], speaker: str) -> Tier:
    """Return the words tier of one of several speakers.

    Its name is that of the speaker beside one for words, as in ``Ann - words`` of the Montreal
    Forced Aligner, or the speaker's name alone.

    Parameters
    ----------
    tiers : sequence of Tier
        The tiers of a TextGrid.
    speaker : str
        Name of the speaker, in upper or lower case.

    Raises
    ------
    SegmentationError
        If no tier or several tiers have such a name.
    """
    wanted = _parts(speaker)
    for words in (WORD_TIERS, set()):
        found = [
            tier
            for tier in tiers
            if [part for part in _parts(tier.name) if part not in words or part in wanted] == wanted
            and (not words or _has_role(tier, "words"))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            break
    problem = "several tiers have" if found else "no tier has"
    raise SegmentationError(f"{problem} the words of {speaker!r}; there are {tier_names(tiers)}")


def is_labelled(tier: Tier, silence_labels: Collection[str] = ()) -> bool:
    """Whether a tier has a label that is not silence."""
    return any(not is_silence(entry.label, silence_labels) for entry in tier.entries)


def phrase_edges(tier: Tier) -> list[float]:
    """Return the start and end times (s) of the phrases of a tier.

    Raises
    ------
    SegmentationError
        If the tier marks no phrase.
    """
    if tier.kind == "interval":
        marks = [entry for entry in tier.entries if not is_silence(entry.label)]
    else:
        marks = [e for e in tier.entries if "%" in e.label or e.label.strip().startswith("4")]
    if not marks:
        wanted = "labelled interval" if tier.kind == "interval" else "boundary tone or break of 4"
        raise SegmentationError(f"tier {tier.name!r} marks no phrase: it has no {wanted}")
    return sorted({time for mark in marks for time in (mark.start, mark.end)})


def phrases_without_words(tiers: Sequence[Tier], name: str | None = None) -> Tier | None:
    """Return the tier with phrases if no other tier can have words, else None.

    It is the tier with this name or, by default, the only point tier with boundary tones (``%``).
    """
    marked = [t for t in tiers if t.kind == "point" and any("%" in e.label for e in t.entries)]
    if name is not None:
        marked = [find_tier(tiers, name)]
    others = [tier for tier in tiers if tier not in marked]
    words = [
        t for t in others if _has_role(t, "words") or (t.kind == "interval" and is_labelled(t))
    ]
    return marked[0] if len(marked) == 1 and not words else None


def _has_role(tier: Tier, role: Role) -> bool:
    parts = set(_parts(tier.name))
    if role == "words":
        return bool(WORD_TIERS & parts)
    return bool(PHONE_TIERS & parts) and not NO_PHONE_TIERS & parts


def _parts(name: str) -> list[str]:
    """The words of a name, in lower case."""
    lowered = unicodedata.normalize("NFC", name).casefold()
    return [part for part in re.split(r"[\W_]+", lowered) if part]
