"""Search for nested units in the logits of the boundary network, by dynamic programming.

The search selects likely edges that make units of the typical lengths of words and phrases. Each
unit is a word or a pause, whichever has the lower cost, and phrases start with words.
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
#: Predicted events of a step: start of a unit (a word or a pause), syllable nucleus, start of a
#: phrase, and being in a pause.
EVENTS = ("word", "nucleus", "phrase", "pause")
#: Clipping of the pause logits.
MAX_PAUSE_LOGIT = 3.0


class Prior(BaseModel):
    """Parameters of the search at one level: gain of edges, and length of units.

    Parameters
    ----------
    gain, bias : float
        An edge has the gain ``gain * (logit + bias)``.
    typical, longest : int
        Length of a unit without cost, and maximum length, exceeded only between consecutive
        candidates (frames); see `best_boundaries`.
    pause : float
        Gain of a pause per step and unit of its logit.
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
    """Find the best words, pauses and phrases.

    Parameters
    ----------
    logits : (S, 4) float
        Logits of the `EVENTS` for steps of 20 ms.
    num_frames : int
        Frames T of the prosody; S is T / 2, rounded up.
    word, phrase : Prior
        Parameters of the search.

    Returns
    -------
    Hierarchy
        Source ``"learned"``, with `pauses`.
    """
    by_event = dict(zip(EVENTS, logits.T.astype(np.float64), strict=True))
    edges, pauses = _words(by_event, num_frames, word)
    starts = np.flatnonzero(~pauses)[1:]  # a pause belongs to the phrase before it
    likely = _local_maximum(by_event["phrase"])[edges[starts] // STEP]
    candidates = np.concatenate([[0], edges[starts], [num_frames]])
    gains = np.concatenate([[0], phrase.gain * (likely + phrase.bias), [0]])
    chosen = best_boundaries(candidates, gains, phrase.typical, phrase.longest)
    words = Segmentation.unlabelled(edges)
    return Hierarchy.from_words(words, starts[chosen - 1].tolist(), "learned", pauses)


def peaks(logit: Floats) -> NDArray[np.int64]:
    """Local maxima of a logit, without the first step."""
    padded = np.pad(logit, 1, constant_values=-np.inf)
    peak = (logit >= padded[:-2]) & (logit > padded[2:])
    return np.flatnonzero(peak[1:]) + 1


def _words(
    logits: Mapping[str, Floats], num_frames: int, prior: Prior
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Edges of words and pauses (N + 1,), and which of them are pauses (N,)."""
    starts = peaks(logits["word"])
    edges = np.concatenate([[0], starts * STEP, [num_frames]])
    gains = np.concatenate([[0], prior.gain * (logits["word"][starts] + prior.bias), [0]])
    silence = _sums_to(edges, logits["pause"].clip(-MAX_PAUSE_LOGIT, MAX_PAUSE_LOGIT))

    def costs(first: int, last: int) -> tuple[Floats, Floats]:
        """Costs, as words and as pauses, of the units from `first` ... `last` - 1 to `last`."""
        length = np.log((edges[last] - edges[first:last]) / prior.typical) ** 2
        return length, -prior.pause * (silence[last] - silence[first:last])

    def cheaper(first: int, last: int) -> Floats:
        return np.minimum(*costs(first, last))

    kept = [0, *search_boundaries(edges, gains, cheaper, prior.longest).tolist(), len(edges) - 1]
    kinds = [costs(first, last) for first, last in pairwise(kept)]
    return edges[kept], np.array([pause[0] < word[0] for word, pause in kinds])


def _sums_to(edges: NDArray[np.int64], values: Floats) -> Floats:
    """Sum of the values (S,) of all steps before each edge."""
    return np.append(0, np.cumsum(values))[-(-edges // STEP)]


def _local_maximum(logit: Floats) -> Floats:
    """Maximum of each logit and its two neighbours."""
    padded = np.pad(logit, 1, mode="edge")
    return np.asarray(np.maximum(np.maximum(padded[:-2], padded[2:]), logit))
