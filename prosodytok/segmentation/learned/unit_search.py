"""From what a network tells of each 20 ms to nested units, by dynamic programming.

Edges that are likely and that make units as long as words and phrases are, are taken; a unit is a
word or a pause, whichever is cheaper, and phrases begin with words.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from prosodytok.segmentation.dynamic_programming import best_boundaries, search_boundaries
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.units import MAX_FRAMES

Floats = NDArray[np.float64]

#: Prosody frames (10 ms) in one step.
STEP = 2
#: What is told of a step: that a unit (a word or a pause) begins there, a syllable has its nucleus,
#: a phrase begins, that it lies in a pause.
EVENTS = ("word", "nucleus", "phrase", "pause")
#: Logits of a pause count up to this.
SUREST = 3.0


class Prior(BaseModel):
    """How edges of one level are chosen: what a likely one earns, and how long units are.

    Parameters
    ----------
    gain, bias : float
        A cut where the network says `logit` earns ``gain * (logit + bias)``.
    typical, longest : int
        Length of a unit that costs nothing, and the length that is exceeded only where there is no
        edge to take (frames); see `best_boundaries`.
    pause : float
        What a pause earns for each step and unit of the logit of a pause.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    gain: FiniteFloat = Field(gt=0)
    bias: FiniteFloat
    typical: int = Field(gt=0, le=MAX_FRAMES)
    longest: int = Field(gt=0, le=MAX_FRAMES)
    pause: FiniteFloat = Field(default=0.0, ge=0)


def search_units(
    logits: NDArray[np.floating], num_frames: int, word: Prior, phrase: Prior
) -> Hierarchy:
    """The best words, pauses and phrases.

    Parameters
    ----------
    logits : (S, 4) float
        Of the `EVENTS`, for steps of 20 ms.
    num_frames : int
        Frames T of the prosody; S is T / 2, rounded up.
    word, phrase : Prior
        How edges are chosen.

    Returns
    -------
    Hierarchy
        Source ``"learned"``; it knows which words are pauses.
    """
    told = dict(zip(EVENTS, logits.T.astype(np.float64), strict=True))
    edges, pauses = _words(told, num_frames, word)
    starts = np.flatnonzero(~pauses)[1:]  # a pause belongs to the phrase before it
    likely = _highest_around(told["phrase"])[edges[starts] // STEP]
    places = np.concatenate([[0], edges[starts], [num_frames]])
    gains = np.concatenate([[0], phrase.gain * (likely + phrase.bias), [0]])
    cuts = best_boundaries(places, gains, phrase.typical, phrase.longest)
    words = Segmentation.unlabelled(edges)
    return Hierarchy.from_words(words, starts[cuts - 1].tolist(), "learned", pauses)


def peaks(logit: Floats) -> NDArray[np.int64]:
    """Steps after the first at which a logit is not below its neighbours'."""
    padded = np.pad(logit, 1, constant_values=-np.inf)
    peak = (logit >= padded[:-2]) & (logit > padded[2:])
    return np.flatnonzero(peak[1:]) + 1


def sigmoid(logit: NDArray[np.floating]) -> Floats:
    """Probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-logit.astype(np.float64))))


def _words(
    told: Mapping[str, Floats], num_frames: int, prior: Prior
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Edges of words and pauses (N + 1,), and which of them are pauses (N,)."""
    beginnings = peaks(told["word"])
    edges = np.concatenate([[0], beginnings * STEP, [num_frames]])
    gains = np.concatenate([[0], prior.gain * (told["word"][beginnings] + prior.bias), [0]])
    silence = _sums_to(edges, told["pause"].clip(-SUREST, SUREST))

    def costs(first: int, last: int) -> tuple[Floats, Floats]:
        """Of the units from each of the edges `first` to `last` - 1 to `last`: words, pauses."""
        length = np.log((edges[last] - edges[first:last]) / prior.typical) ** 2
        return length, -prior.pause * (silence[last] - silence[first:last])

    def cheaper(first: int, last: int) -> Floats:
        return np.minimum(*costs(first, last))

    kept = [0, *search_boundaries(edges, gains, cheaper, prior.longest).tolist(), len(edges) - 1]
    kinds = [costs(first, last) for first, last in pairwise(kept)]
    return edges[kept], np.array([pause[0] < word[0] for word, pause in kinds])


def _sums_to(edges: NDArray[np.int64], values: Floats) -> Floats:
    """Sums of the values (S,) of the steps before each edge."""
    return np.append(0, np.cumsum(values))[-(-edges // STEP)]


def _highest_around(logit: Floats) -> Floats:
    """The highest of each step's logit and those beside it."""
    padded = np.pad(logit, 1, mode="edge")
    return np.asarray(np.maximum(np.maximum(padded[:-2], padded[2:]), logit))
