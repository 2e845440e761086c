"""Code lengths of symbols under adaptive models that could drive an arithmetic coder.

Lengths are ideal, -log2 of the probability given to the coder; a real arithmetic coder adds at most
two bits to a whole stream (Witten, Neal and Cleary, 1987, "Arithmetic coding for data
compression"). A decoder can compute every probability too: each follows from tables, counted on
other speakers and owned by the decoder, and from the symbols decoded so far.

The context model mixes predictions from several contexts, each backed off to the unigram with a
Dirichlet prior (MacKay and Peto, 1995, "A hierarchical Dirichlet language model"). The weights
maximise the likelihood of groups left out of the counts (deleted interpolation; Jelinek and Mercer,
1980). No common library has such a cross-validated adaptive model, so it is implemented here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.evaluation.stats.bootstrap import Floats

Ints = NDArray[np.int64]

#: Folds of the speakers; the tables for each fold are counted on all others.
FOLDS = 5
#: Strengths of the prior, in counts; each context predicts once with each.
PRIORS = (2.0, 16.0, 128.0)
#: Expectation-maximisation steps that fit the weights.
EM_STEPS = 30


def folds_of(groups: ArrayLike) -> Ints:
    """Fold, (N,), of each of N group indices; at most `FOLDS` folds."""
    return np.asarray(groups, dtype=np.int64) % FOLDS


def unigram_bits(symbols: Ints, size: int, groups: Ints) -> Floats:
    """Code lengths, (T,), of symbols by their frequencies in other groups (add-one smoothing)."""
    bits = np.empty(symbols.size)
    for train, test in _splits(groups):
        bits[test] = -np.log2(_unigram(symbols, size, train)[symbols[test]])
    return bits


def context_bits(
    symbols: Ints, contexts: Sequence[Ints], size: int, groups: Ints, streams: Ints
) -> Floats:
    """Code lengths, (T,), of symbols under a mixture of predictions from contexts.

    Contexts are values, (T,) each from 0, available to a decoder before it reads each symbol. The
    symbols so far of the same stream (utterance) predict the next too.
    """
    bits = np.empty(symbols.size)
    context_counts = [_Counts.of(context, groups) for context in contexts]
    joint_counts = [_Counts.of(context * size + symbols, groups) for context in contexts]
    seen, length = _earlier(streams * size + symbols), _earlier(streams)
    for train, test in _splits(groups):
        unigram = _unigram(symbols, size, train)[symbols]
        experts = _smoothed(seen, length, unigram)
        for hits, trials in zip(joint_counts, context_counts, strict=True):
            experts += _smoothed(hits.in_others(train), trials.in_others(train), unigram)
        predicted = np.stack([unigram, *experts], axis=1)
        bits[test] = -np.log2(predicted[test] @ _weights(predicted[train]))
    return bits


@dataclass(frozen=True)
class _Counts:
    """Indices (T,) of the distinct values, and of the distinct pairs of group and value."""

    keys: Ints
    own: Ints

    @classmethod
    def of(cls, values: Ints, groups: Ints) -> _Counts:
        keys = np.unique(values, return_inverse=True)[1].astype(np.int64)
        own = np.unique(groups * values.size + keys, return_inverse=True)[1]
        return cls(keys, own.astype(np.int64))

    def in_others(self, train: NDArray[np.bool_]) -> Ints:
        """Count (T,) of each value in the training folds, without the value's own group."""
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
    """Count of each key before its position in the sequence, shape (T,)."""
    order = np.argsort(keys, kind="stable")
    new = np.diff(keys[order], prepend=-1) != 0
    ranks = np.arange(keys.size)
    found = np.empty(keys.size, dtype=np.int64)
    found[order] = ranks - np.maximum.accumulate(np.where(new, ranks, 0))
    return found


def _weights(predicted: Floats) -> Floats:
    """Maximum-likelihood mixture weights of the columns, by expectation maximisation."""
    weights = np.full(predicted.shape[1], 1 / predicted.shape[1])
    for _ in range(EM_STEPS if len(predicted) else 0):
        shares = predicted * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights
