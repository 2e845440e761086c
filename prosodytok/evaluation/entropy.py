"""How many bits codes take when a model of them drives an arithmetic coder.

Lengths are ideal, -log2 of the probability that the coder would be given; a real arithmetic coder
adds at most two bits to a whole stream (Witten, Neal and Cleary, 1987, "Arithmetic coding for data
compression"). Every probability is one that a decoder has too: it follows from tables, which are
counted on other speakers and which the decoder must own, and from what it has decoded so far.

The context model mixes predictions from several contexts, each backed off to the unigram with a
Dirichlet prior (MacKay and Peto, 1995, "A hierarchical Dirichlet language model"), by weights that
maximise the likelihood of groups left out of the counts (deleted interpolation; Jelinek and Mercer,
1980).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Parts of the speakers; the tables for each part are counted on all others.
FOLDS = 5
#: Strengths of the prior, in counts: each context predicts once with each.
PRIORS = (2.0, 16.0, 128.0)
#: Steps of expectation maximisation that fit the weights.
EM_STEPS = 30


def folds_of(groups: ArrayLike) -> Ints:
    """Assign groups, an index for each of N things, to at most `FOLDS` parts, shape (N,)."""
    return np.asarray(groups, dtype=np.int64) % FOLDS


def unigram_bits(symbols: Ints, size: int, groups: Ints) -> Floats:
    """Lengths of symbols under the frequencies that other groups give them.

    Parameters
    ----------
    symbols : (T,) int64
        From 0 to `size` - 1.
    size : int
        Symbols that there are; each is counted once more than it occurs.
    groups : (T,) int64
        Who each comes from: no group lies in the part that it is coded with.

    Returns
    -------
    (T,) float64
        Bits.
    """
    bits = np.empty(symbols.size)
    for train, test in _splits(groups):
        bits[test] = -np.log2(_unigram(symbols, size, train)[symbols[test]])
    return bits


def context_bits(
    symbols: Ints, contexts: Sequence[Ints], size: int, groups: Ints, streams: Ints
) -> Floats:
    """Lengths of symbols under a mixture of predictions from what is decoded before each.

    Besides the given contexts, the symbols of the same stream so far predict the next.

    Parameters
    ----------
    symbols, size, groups
        As for `unigram_bits`.
    contexts : sequence of (T,) int64
        What a decoder knows before it reads each symbol, as numbers from 0.
    streams : (T,) int64
        Which stream (utterance) each symbol stands in, in the order of decoding.

    Returns
    -------
    (T,) float64
        Bits.
    """
    bits = np.empty(symbols.size)
    known = [_Counts.of(context, groups) for context in contexts]
    joint = [_Counts.of(context * size + symbols, groups) for context in contexts]
    seen, length = _earlier(streams * size + symbols), _earlier(streams)
    for train, test in _splits(groups):
        unigram = _unigram(symbols, size, train)[symbols]
        experts = _smoothed(seen, length, unigram)
        for hits, trials in zip(joint, known, strict=True):
            experts += _smoothed(hits.in_others(train), trials.in_others(train), unigram)
        predicted = np.stack([unigram, *experts], axis=1)
        bits[test] = -np.log2(predicted[test] @ _weights(predicted[train]))
    return bits


@dataclass(frozen=True)
class _Counts:
    """Numbers (T,) for what occurs, and for what occurs in whose group, to be counted quickly."""

    keys: Ints
    own: Ints

    @classmethod
    def of(cls, values: Ints, groups: Ints) -> _Counts:
        keys = np.unique(values, return_inverse=True)[1].astype(np.int64)
        own = np.unique(groups * values.size + keys, return_inverse=True)[1]
        return cls(keys, own.astype(np.int64))

    def in_others(self, train: NDArray[np.bool_]) -> Ints:
        """How often the training part has each value, not counting the value's own group, (T,)."""
        return _occurrences(self.keys, train) - _occurrences(self.own, train)


def _splits(groups: Ints) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    folds = folds_of(groups)
    return [(folds != fold, folds == fold) for fold in np.unique(folds)]


def _unigram(symbols: Ints, size: int, train: NDArray[np.bool_]) -> Floats:
    counts = np.bincount(symbols[train], minlength=size) + 1.0
    return np.asarray(counts / counts.sum())


def _smoothed(hits: ArrayLike, trials: ArrayLike, prior: Floats) -> list[Floats]:
    return [
        (np.asarray(hits) + strength * prior) / (np.asarray(trials) + strength)
        for strength in PRIORS
    ]


def _occurrences(keys: Ints, train: NDArray[np.bool_]) -> Ints:
    return np.bincount(keys[train], minlength=int(keys.max(initial=0)) + 1)[keys]


def _earlier(keys: Ints) -> Ints:
    """How often each key stands before its place in the sequence, shape (T,)."""
    order = np.argsort(keys, kind="stable")
    new = np.diff(keys[order], prepend=-1) != 0
    ranks = np.arange(keys.size)
    found = np.empty(keys.size, dtype=np.int64)
    found[order] = ranks - np.maximum.accumulate(np.where(new, ranks, 0))
    return found


def _weights(predicted: Floats) -> Floats:
    """Weights of the columns that make the mixture most likely, by expectation maximisation."""
    weights = np.full(predicted.shape[1], 1 / predicted.shape[1])
    for _ in range(EM_STEPS if len(predicted) else 0):
        shares = predicted * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights
