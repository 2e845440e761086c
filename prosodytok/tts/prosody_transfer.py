"""Transfer of prosody from a reference to a plan, between matched parts."""

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

#: Maximum amount.
MAX_AMOUNT = 3.0
#: Limits of the gain of a word (dB).
GAIN_LIMITS = (-10.0, 10.0)
#: Limits of the stretch factor of a word: beyond them, an alignment error included a pause.
STRETCH_LIMITS = (0.2, 8.0)


@dataclass(frozen=True)
class Amounts:
    """Amounts of transfer: 0 keeps the TTS, 1 is the reference, 2 exaggerates it.

    Parameters
    ----------
    f0, energy, duration : float
        Amount of each.

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
            if not 0 <= value <= MAX_AMOUNT:
                raise ConfigError(
                    f"the amount of {field.name} is {value}: choose 0 to {MAX_AMOUNT:g}"
                )


def transfer(plan: AnyPlan, reference: Reference, match: Match, amounts: Amounts) -> AnyPlan:
    """Give a plan the durations, F0 and energy of a reference.

    - Parts and the pauses between them have the durations of the reference (or, for phrases, its
      tempo relative to the average); the silence at both ends stays.
    - F0 is that of the reference at the same relative position of the same part.
    - Energy changes by a gain, interpolated between words: the level of a word relative to the
      average word is that of the reference. Within words the contour of the TTS stays, since it
      depends on the phones.

    Parameters
    ----------
    plan : Plan
        Plan of the TTS.
    reference : Reference
        Prosody to transfer.
    match : Match
        Result of `match_words` or `match_phrases`.
    amounts : Amounts
        Amount of transfer.

    Returns
    -------
    Plan
        The same units with new boundaries and contours.
    """
    words = _retime(plan, reference, match, amounts.duration)
    own = _stretch(plan, words)
    # Position in the reference of each frame of the plan (frames of the reference).
    starts, ends = words.boundaries[match.units[:, 0]], words.boundaries[match.units[:, 1] + 1]
    knots = np.stack([starts, ends], axis=1).ravel()
    frames = np.arange(words.num_frames) + 0.5
    places = np.interp(frames, knots, match.spans.ravel())
    edges = np.interp(words.boundaries, knots, match.spans.ravel())
    f0 = _blend_f0(own, reference.prosody, places, amounts.f0)
    energy = own.energy + amounts.energy * _gains(plan, words, own, reference, edges)
    return replace(plan, words=words, prosody=replace(own, f0=f0, energy=energy))


def _retime(plan: Plan, reference: Reference, match: Match, amount: float) -> Segmentation:
    """Units of the plan with new durations."""
    ratio = plan.prosody.frame_rate / reference.prosody.frame_rate
    lengths = plan.words.durations.astype(np.float64)
    tempo = match.tempo
    for k, (first, last) in enumerate(match.units):
        part = lengths[first : last + 1]  # a view
        span = (match.spans[k, 1] - match.spans[k, 0]) * ratio
        factor = np.clip(span / part.sum(), *STRETCH_LIMITS) if tempo is None else tempo[k]
        part *= factor**amount
    for (_, last), (first, _), pause in zip(
        match.units[:-1], match.units[1:], match.pauses, strict=True
    ):
        gap = lengths[last + 1 : first]
        gap += amount * (pause * ratio - gap)
    edges = np.floor(np.append(0.0, np.cumsum(np.maximum(lengths, 0.0))) + 0.5).astype(np.int64)
    order = np.arange(edges.size)  # keep at least one frame per unit
    return replace(plan.words, boundaries=np.maximum.accumulate(edges - order) + order)


def _stretch(plan: Plan, words: Segmentation) -> Prosody:
    """Prosody of the plan, stretched unit by unit."""
    own = plan.prosody
    frames = np.arange(words.num_frames) + 0.5
    places = np.interp(frames, words.boundaries, plan.words.boundaries)
    nearest = np.minimum(places.astype(np.int64), own.num_frames - 1)
    log_f0 = np.log(own.f0.astype(np.float64))
    return replace(
        own,
        f0=np.exp(_interpolate(places, log_f0)),
        voiced=own.voiced[nearest],
        energy=_interpolate(places, own.energy),
    )


def _interpolate(
    places: NDArray[np.float64], values: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Values of a contour at fractional frames; frame i is at i + 0.5."""
    interpolated = np.interp(places - 0.5, np.arange(values.size), values)
    return np.asarray(interpolated, dtype=np.float32)


def _blend_f0(
    own: Prosody, reference: Prosody, places: NDArray[np.float64], amount: float
) -> NDArray[np.float32]:
    """F0 (Hz) interpolated, in semitones, between the TTS (0) and the reference (1)."""
    voiced = np.flatnonzero(reference.voiced)
    log_f0 = np.interp(places - 0.5, voiced, np.log(reference.f0[voiced].astype(np.float64)))
    own_log_f0 = np.log(own.f0.astype(np.float64))
    return np.exp(own_log_f0 + amount * (log_f0 - own_log_f0)).astype(np.float32)


def _gains(
    plan: Plan, words: Segmentation, own: Prosody, reference: Reference, places: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Gain (dB) at each frame that gives words their relative level in the reference."""
    spoken, edges = plan.spoken, words.boundaries
    target = _mean_level(reference.prosody.energy, places[spoken], places[spoken + 1])
    current = _mean_level(own.energy, edges[spoken], edges[spoken + 1])
    gains = np.clip((target - target.mean()) - (current - current.mean()), *GAIN_LIMITS)
    middles = (edges[spoken] + edges[spoken + 1]) / 2
    interpolated = np.interp(np.arange(words.num_frames) + 0.5, middles, gains)
    return np.asarray(interpolated, dtype=np.float32)


def _mean_level(
    energy: NDArray[np.float32], starts: ArrayLike, ends: ArrayLike
) -> NDArray[np.float64]:
    """Mean power of each span (dB)."""
    power = np.append(0.0, np.cumsum(10 ** (energy.astype(np.float64) / 10)))
    firsts = np.minimum(np.floor(starts).astype(np.int64), energy.size - 1)
    lasts = np.clip(np.ceil(ends).astype(np.int64), firsts + 1, energy.size)
    return np.asarray(10 * np.log10((power[lasts] - power[firsts]) / (lasts - firsts)))
