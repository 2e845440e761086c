"""Matching of the parts of a plan to those of a reference: by word, or by phrase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.segmentation.letter_to_sound import normalize_word
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.tts.prosody_reference import Reference
from prosodytok.tts.prosody_synthesizer import Plan
from prosodytok.types import Segmentation
from prosodytok.types.errors import TokenError

#: Limits of the tempo factor of a phrase.
TEMPO_LIMITS = (0.5, 2.0)
#: Maximum distance of a pause of the TTS for a phrase to end there (share of all words).
MAX_PAUSE_DISTANCE = 0.15


@dataclass(frozen=True)
class Match:
    """K parts of a plan with their counterparts in a reference.

    Parameters
    ----------
    units : (K, 2) int
        First and last unit of the plan in each part.
    spans : (K, 2) int
        Start and end of each part in the reference (frames).
    tempo : (K,) float, or None
        Duration of each part relative to the reference's average (factor); None if each part
        has the duration of its span.
    """

    units: NDArray[np.int64]
    spans: NDArray[np.int64]
    tempo: NDArray[np.float64] | None = None

    @property
    def pauses(self) -> NDArray[np.int64]:
        """Frames of the reference between each part and the next, shape (K - 1,)."""
        return self.spans[1:, 0] - self.spans[:-1, 1]

    def missing_pauses(self, plan: Plan) -> set[int]:
        """Numbers of words after which the reference has a pause and the plan no unit for one."""
        after = self.units[:-1, 1][self.pauses >= PHRASE_PAUSE]
        missing = [unit for unit in after if plan.words.labels[unit + 1] != ""]
        return {int(count) for count in np.searchsorted(plan.spoken, missing) + 1}


def match_words(plan: Plan, reference: Reference) -> Match:
    """Match each word of a plan with the same word of a reference.

    Only letters are compared, without case and accents: "well-known" equals "well known".

    Raises
    ------
    TokenError
        If the reference has no words or other words, or a word has no letters.
    """
    spoken = reference.spoken
    labels = [reference.words.labels[i] for i in spoken]
    if not reference.has_words or not any(labels):
        raise TokenError(
            "the tokens have no word labels: tokenize with --text or a TextGrid, or transfer "
            "phrase by phrase (--by phrase)"
        )
    runs = _match_spelling([plan.words.labels[i] for i in plan.spoken], labels)
    edges = reference.words.boundaries
    spans = [(edges[spoken[first]], edges[spoken[last] + 1]) for first, last in runs]
    return Match(np.stack([plan.spoken, plan.spoken], axis=1), np.array(spans))


def match_phrases(plan: Plan, reference: Reference) -> Match:
    """Match each phrase of a reference with the part of a plan that has the same share of words.

    A part ends at a nearby pause of the plan if there is one. If there are more phrases than words,
    some are left out.
    """
    spoken, edges = reference.spoken, reference.words.boundaries
    phrase_of = reference.phrases.unit_at(edges[:-1])[spoken]
    firsts = np.flatnonzero(np.diff(phrase_of, prepend=-1))
    spans = np.stack(
        [edges[spoken[firsts]], edges[spoken[np.append(firsts[1:], spoken.size) - 1] + 1]], axis=1
    )
    seconds = np.diff(spans, axis=1)[:, 0].astype(np.float64)
    weights = np.diff(np.append(firsts, spoken.size)) if reference.has_words else seconds
    ends = _part_ends(plan, np.cumsum(weights) / weights.sum())
    kept = np.diff(ends) > 0
    units = np.stack([plan.spoken[ends[:-1][kept]], plan.spoken[ends[1:][kept] - 1]], axis=1)
    tempo = seconds / weights / (seconds.sum() / weights.sum())
    return Match(units, spans[kept], np.clip(tempo[kept], *TEMPO_LIMITS))


def same_words(words: Segmentation, text: str) -> bool:
    """Whether the labels of units are the words of a text, apart from case and punctuation."""
    return "".join(map(_letters, words.labels)) == _letters(text)


def _match_spelling(words: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """First and last word of `other` that together spell each word of `words`."""
    runs, position = [], 0
    for word in words:
        first, letters, target = position, "", _letters(word)
        if not target:
            raise TokenError(f"no letters to compare in {word!r}: write it as it is spoken")
        while letters != target and target.startswith(letters) and position < len(other):
            letters += _letters(other[position])
            position += 1
        if letters != target:
            found = repr(" ".join(other[first:position])) if position > first else "its end"
            raise TokenError(
                f"the reference has {found} where the text has {word!r}: transfer by word needs "
                "the same words; to another text transfer phrase by phrase (--by phrase)"
            )
        runs.append((first, position - 1))
    if position < len(other):
        raise TokenError(
            f"the reference continues after the text with {other[position]!r}: transfer by word "
            "needs the same words; to another text transfer phrase by phrase (--by phrase)"
        )
    return runs


def _letters(word: str) -> str:
    """Letters and digits of a word, folded for comparison."""
    return "".join(letter for letter in normalize_word(word) if letter.isalnum())


def _part_ends(plan: Plan, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of words before the end of each cumulative share of a plan, shape (P + 1,)."""
    total = plan.spoken.size
    pauses = np.flatnonzero(np.diff(plan.spoken) > 1) + 1
    ends = [0]
    for share in shares[:-1] * total:
        near = pauses[np.abs(pauses - share) <= MAX_PAUSE_DISTANCE * total]
        ends.append(int(near[np.abs(near - share).argmin()]) if near.size else round(share))
    return np.maximum.accumulate(np.array([*ends, total], dtype=np.int64))
