"""Prosody from one utterance to another: word to word, or phrase to phrase."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.errors import ConfigError, TokenError
from prosodytok.features.normalize import Register
from prosodytok.model import ProsodyTokenizer
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Segmentation
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.segmentation.spelling import fold
from prosodytok.tokens.types import ProsodyTokens
from prosodytok.tts.adapter import AnyPlan, Plan
from prosodytok.units import hz_to_semitones

#: The largest amount of anything to take.
MOST = 3.0
#: A unit without a label is a pause if less of it than this is voiced.
VOICED_SHARE = 0.2
#: How far the tempo of a phrase may change another text's (factor).
TEMPO_LIMITS = (0.5, 2.0)
#: How far a word may become louder or softer than the TTS says it (dB).
GAIN_LIMITS = (-10.0, 10.0)
#: How far a word may be stretched: more, and the pause is in the word, by an error of alignment.
STRETCH_LIMITS = (0.2, 8.0)
#: F0 further from its median (semitones) is taken for a tracker's octave error, and passed over.
FURTHEST_F0 = 10.0
#: How near a pause of the TTS must be for a phrase to end there (share of all words).
NEAR = 0.15


@dataclass(frozen=True)
class Amounts:
    """How much of the reference to take: 0 leaves the TTS as it is, 1 is the reference, 2 twice.

    Parameters
    ----------
    f0, energy, duration : float
        Share of each.

    Raises
    ------
    ConfigError
        If one is not between 0 and 3.
    """

    f0: float = 1.0
    energy: float = 1.0
    duration: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= MOST:
                raise ConfigError(f"the amount of {field.name} is {value}: choose 0 to {MOST:g}")


@dataclass(frozen=True)
class Reference:
    """What tokens say about how to speak, in the register of the voice that shall speak.

    Parameters
    ----------
    prosody : Prosody
        The decoded contours, T frames.
    words, phrases : Segmentation
        Its units.
    counted : bool
        Whether the units are words: of tokens without a word level they are phrases.
    """

    prosody: Prosody
    words: Segmentation
    phrases: Segmentation
    counted: bool = True

    @classmethod
    def of(
        cls,
        tokenizer: ProsodyTokenizer,
        tokens: ProsodyTokens,
        register: Register,
        levels: Collection[str] | None = None,
    ) -> Reference:
        """Decode tokens for another voice.

        The voice's median F0 and level of energy take the place of the tokens' own. Their spread
        and range stay: they are measured in the one utterance, and a monotonous one would become
        as lively as the voice's average.

        Parameters
        ----------
        tokenizer : ProsodyTokenizer
            The checkpoint of the tokens.
        tokens : ProsodyTokens
            How to speak.
        register : Register
            That of the voice that shall speak.
        levels : collection of str, optional
            The levels to listen to; all when not given. Edges of a level that is left out are not
            used either.

        Raises
        ------
        TokenError
            If the tokens lack a level, are another checkpoint's, or have no voice in them.
        """
        chosen = tokens if levels is None else tokens.select(levels)
        voice = replace(
            tokens.register,
            f0_median_hz=register.f0_median_hz,
            energy_level_db=register.energy_level_db,
        )
        prosody = tokenizer.decode(chosen, register=voice)
        near = np.abs(hz_to_semitones(prosody.f0, voice.f0_median_hz)) < FURTHEST_F0
        prosody = replace(prosody, voiced=prosody.voiced & near)
        if not prosody.voiced.any():
            raise TokenError("the reference is silent, or only noise: nothing in it is voiced")
        whole = Segmentation.unlabelled([0, tokens.num_frames])
        phrases = chosen["phrase"].segmentation if "phrase" in chosen else whole
        words = chosen["word"].segmentation if "word" in chosen else phrases
        return cls(prosody, words, phrases, "word" in chosen)

    @property
    def spoken(self) -> NDArray[np.int64]:
        """Indices of the units that are words and not pauses."""
        labelled = np.array([label != "" for label in self.words.labels])
        if labelled.any():  # then those without are pauses
            return np.flatnonzero(labelled)
        voiced = np.add.reduceat(self.prosody.voiced.astype(float), self.words.boundaries[:-1])
        shares = voiced / self.words.durations
        return np.flatnonzero(shares >= min(VOICED_SHARE, shares.max()))


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


def transfer(plan: AnyPlan, reference: Reference, match: Match, amounts: Amounts) -> AnyPlan:
    """Give a plan the durations, F0 and energy of a reference.

    - Parts last as long as in the reference (or, phrase by phrase, are as much slower or faster
      than the average as there), and so do the pauses between them; the silence at both ends stays.
    - F0 is that of the reference at the same place of the same part.
    - Of energy each word gets how much louder or softer it is than the average word, as a gain
      that glides from word to word. Within words the contour stays the TTS's own: it belongs to
      the phones.

    Parameters
    ----------
    plan : Plan
        What the TTS would say.
    reference : Reference
        How to say it.
    match : Match
        What `match_words` or `match_phrases` found.
    amounts : Amounts
        How much to take of each.

    Returns
    -------
    Plan
        The same units with other edges and contours.
    """
    words = _retimed(plan, reference, match, amounts.duration)
    own = _stretched(plan, words)
    # The place in the reference for each frame of the plan (frames of the reference).
    starts, ends = words.boundaries[match.own[:, 0]], words.boundaries[match.own[:, 1] + 1]
    knots = np.stack([starts, ends], axis=1).ravel()
    frames = np.arange(words.num_frames) + 0.5
    places = np.interp(frames, knots, match.spans.ravel())
    edges = np.interp(words.boundaries, knots, match.spans.ravel())
    f0 = _blended_f0(own, reference.prosody, places, amounts.f0)
    energy = own.energy + amounts.energy * _gains(plan, words, own, reference, edges)
    return replace(plan, words=words, prosody=replace(own, f0=f0, energy=energy))


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
    return "".join(letter for letter in fold(word) if letter.isalnum())


def _shares(plan: Plan, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts of words at which each share of a plan's words ends, shape (P + 1,)."""
    total = plan.spoken.size
    paused = np.flatnonzero(np.diff(plan.spoken) > 1) + 1
    cuts = [0]
    for share in shares[:-1] * total:
        near = paused[np.abs(paused - share) <= NEAR * total]
        cuts.append(int(near[np.abs(near - share).argmin()]) if near.size else round(share))
    return np.maximum.accumulate(np.array([*cuts, total], dtype=np.int64))


def _retimed(plan: Plan, reference: Reference, match: Match, amount: float) -> Segmentation:
    """The plan's units with other durations."""
    ratio = plan.prosody.frame_rate / reference.prosody.frame_rate
    lengths = plan.words.durations.astype(np.float64)
    tempo = match.tempo
    for k, (first, last) in enumerate(match.own):
        part = lengths[first : last + 1]  # a view
        span = (match.spans[k, 1] - match.spans[k, 0]) * ratio
        factor = np.clip(span / part.sum(), *STRETCH_LIMITS) if tempo is None else tempo[k]
        part *= factor**amount
    for (_, last), (first, _), pause in zip(
        match.own[:-1], match.own[1:], match.pauses, strict=True
    ):
        gap = lengths[last + 1 : first]
        gap += amount * (pause * ratio - gap)
    edges = np.floor(np.append(0.0, np.cumsum(np.maximum(lengths, 0.0))) + 0.5).astype(np.int64)
    order = np.arange(edges.size)  # every unit keeps a frame
    return replace(plan.words, boundaries=np.maximum.accumulate(edges - order) + order)


def _stretched(plan: Plan, words: Segmentation) -> Prosody:
    """The plan's own prosody, stretched unit by unit."""
    own = plan.prosody
    frames = np.arange(words.num_frames) + 0.5
    places = np.interp(frames, words.boundaries, plan.words.boundaries)
    at = np.minimum(places.astype(np.int64), own.num_frames - 1)
    log_f0 = np.log(own.f0.astype(np.float64))
    return replace(
        own,
        f0=np.exp(_at(places, log_f0)),
        voiced=own.voiced[at],
        energy=_at(places, own.energy),
    )


def _at(places: NDArray[np.float64], values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Values of a contour at any places (frames; that of frame i is i + 0.5)."""
    at_places = np.interp(places - 0.5, np.arange(values.size), values)
    return np.asarray(at_places, dtype=np.float32)


def _blended_f0(
    own: Prosody, reference: Prosody, places: NDArray[np.float64], amount: float
) -> NDArray[np.float32]:
    """F0 (Hz) some way, in semitones, from the TTS's own to the reference's."""
    voiced = np.flatnonzero(reference.voiced)
    log_f0 = np.interp(places - 0.5, voiced, np.log(reference.f0[voiced].astype(np.float64)))
    own_log_f0 = np.log(own.f0.astype(np.float64))
    return np.exp(own_log_f0 + amount * (log_f0 - own_log_f0)).astype(np.float32)


def _gains(
    plan: Plan,
    words: Segmentation,
    own: Prosody,
    reference: Reference,
    places: NDArray[np.float64],
) -> NDArray[np.float32]:
    """How much louder (dB) the reference says each word than the TTS does, at each frame."""
    spoken, edges = plan.spoken, words.boundaries
    wanted = _loudness(reference.prosody.energy, places[spoken], places[spoken + 1])
    had = _loudness(own.energy, edges[spoken], edges[spoken + 1])
    gains = np.clip((wanted - wanted.mean()) - (had - had.mean()), *GAIN_LIMITS)
    middles = (edges[spoken] + edges[spoken + 1]) / 2
    glide = np.interp(np.arange(words.num_frames) + 0.5, middles, gains)
    return np.asarray(glide, dtype=np.float32)


def _loudness(
    energy: NDArray[np.float32], starts: ArrayLike, ends: ArrayLike
) -> NDArray[np.float64]:
    """Mean power of each span (dB)."""
    power = np.append(0.0, np.cumsum(10 ** (energy.astype(np.float64) / 10)))
    firsts = np.minimum(np.floor(starts).astype(np.int64), energy.size - 1)
    lasts = np.clip(np.ceil(ends).astype(np.int64), firsts + 1, energy.size)
    return np.asarray(10 * np.log10((power[lasts] - power[firsts]) / (lasts - firsts)))
