"""Search for nested units in the logits of the boundary network, by dynamic programming.

The search selects likely edges that make units of the typical lengths of words and phrases. Each
unit is a word or a pause, whichever has the lower cost, and phrases start with words.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from prosodytok.segmentation.dynamic_programming import best_boundaries, search_boundaries
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.units import MAX_FRAMES

Floats = NDArray[np.float64]

#: Predicted events of a frame: start of a unit (a word or a pause), syllable nucleus, start of a
#: phrase, and being in a pause.
EVENTS = ("word", "nucleus", "phrase", "pause")
#: Clipping of the pause logits.
MAX_PAUSE_LOGIT = 3.0
#: Standard deviation of the training targets around an edge (frames).
TARGET_WIDTH = 1.5
#: Standard deviation of the window in which the probabilities of an edge are summed (frames), ...
WINDOW_WIDTH = 3.0
#: ... and the frames on either side that it covers.
WINDOW_REACH = 8
#: Limits of the sum, relative to that of a certain edge.
SUM_LIMITS = (1e-5, 1 - 1e-3)
#: Frames on either side of a word edge in which a phrase edge belongs to it.
REACH = 2


class Prior(BaseModel):
    """Parameters of the search at one level: gain of edges, and length of units.

    Parameters
    ----------
    gain, bias : float
        An edge has the gain ``gain * (logit + bias)``; for words see `edge_logits`.
    typical, longest : int
        Length of a unit without cost, and maximum length, exceeded only between consecutive
        candidates (frames); see `best_boundaries`.
    pause : float
        Gain of a pause per frame and unit of its logit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    gain: FiniteFloat = Field(gt=0)
    bias: FiniteFloat
    typical: int = Field(gt=0, le=MAX_FRAMES)
    longest: int = Field(gt=0, le=MAX_FRAMES)
    pause: FiniteFloat = Field(default=0.0, ge=0)


def search_units(logits: NDArray[np.floating], word: Prior, phrase: Prior) -> Hierarchy:
    """Find the best words, pauses and phrases.

    Parameters
    ----------
    logits : (T, 4) float
        Logits of the `EVENTS` for frames of 10 ms.
    word, phrase : Prior
        Parameters of the search.

    Returns
    -------
    Hierarchy
        Source ``"learned"``, with `pauses`.
    """
    by_event = dict(zip(EVENTS, logits.T.astype(np.float64), strict=True))
    edges, pauses = _words(by_event, word)
    starts = np.flatnonzero(~pauses)[1:]  # a pause belongs to the phrase before it
    likely = _local_maximum(by_event["phrase"])[edges[starts]]
    candidates = np.concatenate([[0], edges[starts], [len(logits)]])
    gains = np.concatenate([[0], phrase.gain * (likely + phrase.bias), [0]])
    chosen = best_boundaries(candidates, gains, phrase.typical, phrase.longest)
    words = Segmentation.unlabelled(edges)
    return Hierarchy.from_words(words, starts[chosen - 1].tolist(), "learned", pauses)


def peaks(logit: Floats) -> NDArray[np.int64]:
    """Local maxima of a logit, without the first frame."""
    padded = np.pad(logit, 1, constant_values=-np.inf)
    peak = (logit >= padded[:-2]) & (logit > padded[2:])
    return np.flatnonzero(peak[1:]) + 1


def _words(
    logits: Mapping[str, Floats], prior: Prior
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Edges of words and pauses (N + 1,), and which of them are pauses (N,)."""
    likely = edge_logits(logits["word"])
    starts = peaks(likely)
    edges = np.concatenate([[0], starts, [likely.size]])
    gains = np.concatenate([[0], prior.gain * (likely[starts] + prior.bias), [0]])
    pause = logits["pause"].clip(-MAX_PAUSE_LOGIT, MAX_PAUSE_LOGIT)
    silence = np.append(0, np.cumsum(pause))[edges]  # sum of all frames before each edge

    def costs(first: int, last: int) -> tuple[Floats, Floats]:
        """Costs, as words and as pauses, of the units from `first` ... `last` - 1 to `last`."""
        length = np.log((edges[last] - edges[first:last]) / prior.typical) ** 2
        return length, -prior.pause * (silence[last] - silence[first:last])

    def cheaper(first: int, last: int) -> Floats:
        return np.minimum(*costs(first, last))

    kept = [0, *search_boundaries(edges, gains, cheaper, prior.longest).tolist(), len(edges) - 1]
    kinds = [costs(first, last) for first, last in pairwise(kept)]
    return edges[kept], np.array([pause[0] < word[0] for word, pause in kinds])


def edge_logits(logit: Floats) -> Floats:
    """Logit of an edge near each frame.

    Where the place of an edge is uncertain its probability is spread over several frames. Their
    weighted sum, relative to that of a certain edge, is a probability that noise changes less.
    """
    distance = np.arange(-WINDOW_REACH, WINDOW_REACH + 1)
    window, certain = (np.exp(-0.5 * (distance / w) ** 2) for w in (WINDOW_WIDTH, TARGET_WIDTH))
    probability = np.pad(1 / (1 + np.exp(-logit)), WINDOW_REACH, mode="edge")
    near = np.convolve(probability, window / (window @ certain), mode="valid").clip(*SUM_LIMITS)
    return np.asarray(np.log(near / (1 - near)))


def _local_maximum(logit: Floats) -> Floats:
    """Maximum of each logit and its neighbours."""
    padded = np.pad(logit, REACH, mode="edge")
    return np.asarray(sliding_window_view(padded, 2 * REACH + 1).max(axis=1))
