"""Which part of one utterance is said like which part of another: words, or phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.segmentation.letter_to_sound import normalize_word
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.tts.adapter import Plan
from prosodytok.tts.reference import Reference
from prosodytok.types import Segmentation
from prosodytok.types.errors import TokenError

#: How far the tempo of a phrase may change another text's (factor).
TEMPO_LIMITS = (0.5, 2.0)
#: How near a pause of the TTS must be for a phrase to end there (share of all words).
NEAR = 0.15


@dataclass(frozen=True)
class Match:
    """Which part of a plan is said like which part of a reference.

    Parameters
    ----------
    own : (K, 2) int
        First and last unit of the plan in each part.
    spans : (K, 2) int
        Where in the reference each part begins and ends (frames).
    tempo : (K,) float, or None
        How much slower than the reference's average each part is (factor); without, each part
        lasts as long as its span.
    """

    own: NDArray[np.int64]
    spans: NDArray[np.int64]
    tempo: NDArray[np.float64] | None = None

    @property
    def pauses(self) -> NDArray[np.int64]:
        """Frames of the reference between each part and the next, shape (K - 1,)."""
        return self.spans[1:, 0] - self.spans[:-1, 1]

    def pauses_wanted(self, plan: Plan) -> set[int]:
        """Counts of the plan's words after which the reference pauses and the plan cannot."""
        after = self.own[:-1, 1][self.pauses >= PHRASE_PAUSE]
        bare = [unit for unit in after if plan.words.labels[unit + 1] != ""]
        return {int(count) for count in np.searchsorted(plan.spoken, bare) + 1}


def match_words(plan: Plan, reference: Reference) -> Match:
    """Match each word of a plan with the same word of a reference.

    Letters are compared, without case, accents and punctuation: "well-known" is "well known".

    Raises
    ------
    TokenError
        If the reference has no words, or others, or a word has no letters.
    """
    spoken = reference.spoken
    labels = [reference.words.labels[i] for i in spoken]
    if not reference.counted or not any(labels):
        raise TokenError(
            "the tokens do not say which words they are: make them with --text or a TextGrid, "
            "or take them phrase by phrase (--by phrase)"
        )
    own = [plan.words.labels[i] for i in plan.spoken]
    runs = _same_letters(own, labels)
    edges = reference.words.boundaries
    spans = [(edges[spoken[first]], edges[spoken[last] + 1]) for first, last in runs]
    return Match(np.stack([plan.spoken, plan.spoken], axis=1), np.array(spans))


def match_phrases(plan: Plan, reference: Reference) -> Match:
    """Match each phrase of a reference with the part of a plan that has the same share of words.

    A phrase ends at a pause of the plan where one is near. Of more phrases than words, some are
    left out.
    """
    spoken, edges = reference.spoken, reference.words.boundaries
    phrase_of = reference.phrases.unit_at(edges[:-1])[spoken]
    firsts = np.flatnonzero(np.diff(phrase_of, prepend=-1))
    spans = np.stack(
        [edges[spoken[firsts]], edges[spoken[np.append(firsts[1:], spoken.size) - 1] + 1]], axis=1
    )
    seconds = np.diff(spans, axis=1)[:, 0].astype(np.float64)
    weights = np.diff(np.append(firsts, spoken.size)) if reference.counted else seconds
    cuts = _shares(plan, np.cumsum(weights) / weights.sum())
    kept = np.diff(cuts) > 0
    own = np.stack([plan.spoken[cuts[:-1][kept]], plan.spoken[cuts[1:][kept] - 1]], axis=1)
    tempo = seconds / weights / (seconds.sum() / weights.sum())
    return Match(own, spans[kept], np.clip(tempo[kept], *TEMPO_LIMITS))


def same_words(words: Segmentation, text: str) -> bool:
    """Whether units are the words of a text, case and punctuation apart."""
    return "".join(map(_letters, words.labels)) == _letters(text)


def _same_letters(own: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """First and last word of `other` that spell each word of `own`."""
    runs, position = [], 0
    for word in own:
        first, letters, wanted = position, "", _letters(word)
        if not wanted:
            raise TokenError(f"no letters to compare in {word!r}: write it as it is spoken")
        while letters != wanted and wanted.startswith(letters) and position < len(other):
            letters += _letters(other[position])
            position += 1
        if letters != wanted:
            found = " ".join(other[first:position]) or "its end"
            raise TokenError(
                f"the reference has {found!r} where the text has {word!r}: its prosody goes word "
                "to word to the same words only; to another text take it phrase by phrase "
                "(--by phrase)"
            )
        runs.append((first, position - 1))
    if position < len(other):
        raise TokenError(
            f"the reference goes on after the text with {other[position]!r}: its prosody goes word "
            "to word to the same words only; else take it phrase by phrase (--by phrase)"
        )
    return runs


def _letters(word: str) -> str:
    """What of a word is compared."""
    return "".join(letter for letter in normalize_word(word) if letter.isalnum())


def _shares(plan: Plan, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts of words at which each share of a plan's words ends, shape (P + 1,)."""
    total = plan.spoken.size
    paused = np.flatnonzero(np.diff(plan.spoken) > 1) + 1
    cuts = [0]
    for share in shares[:-1] * total:
        near = paused[np.abs(paused - share) <= NEAR * total]
        cuts.append(int(near[np.abs(near - share).argmin()]) if near.size else round(share))
    return np.maximum.accumulate(np.array([*cuts, total], dtype=np.int64))
