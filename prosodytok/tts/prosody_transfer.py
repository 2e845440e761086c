"""Prosody from one utterance to another, part by part as they were matched."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.tts.match_units import Match
from prosodytok.tts.prosody_reference import Reference
from prosodytok.tts.prosody_synthesizer import AnyPlan, Plan
from prosodytok.types import Segmentation
from prosodytok.types.errors import ConfigError
from prosodytok.types.prosody import Prosody

#: The largest amount of anything to take.
MOST = 3.0
#: How far a word may become louder or softer than the TTS says it (dB).
GAIN_LIMITS = (-10.0, 10.0)
#: How far a word may be stretched: more, and the pause is in the word, by an error of alignment.
STRETCH_LIMITS = (0.2, 8.0)


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
