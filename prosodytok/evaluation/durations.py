"""Durations of words and pauses: what the codes say of them, and what it costs to say the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.evaluation.entropy import Floats, Ints, folds_of
from prosodytok.segmentation import pauses_in
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, Segmentation
from prosodytok.types.boundary_bits import edge_step
from prosodytok.types.prosody import Prosody

#: Spreads that the duration model tries (octaves).
SPREADS = np.geomspace(0.002, 2.0, 40)
#: Durations are modelled apart where the codes say short, middling and long.
CLASSES = 4
#: No duration is less probable than this times an even chance: an odd one must not cost a fortune.
ODD = 1e-3


def said_durations(tokenizer: ProsodyTokenizer, tokens: ProsodyTokens) -> Floats:
    """Seconds that the phrase and word codes say for each of N words, shape (N,).

    The codes are read with all words laid out alike, so that true boundaries cannot help.
    """
    return tokenizer.decode_durations(_even(tokens))


def pauses_of(tokens: ProsodyTokens, prosody: Prosody) -> NDArray[np.bool_]:
    """Which words are pauses, shape (N,).

    Where words are given, those without a label; else those that `pauses_in` says.
    """
    words = tokens["word"].segmentation
    if tokens.source not in ("acoustic", "learned", "even"):
        return np.array([label == "" for label in words.labels])
    return pauses_in(words, prosody)


def duration_bits(steps: Ints, said: Floats, groups: ArrayLike, most: Ints) -> Floats:
    """Bits of durations, or of other counts, given what is expected of each.

    The logarithm of a duration over what is said follows a logistic distribution, cut to what is
    possible and summed over each whole step. Its centre and spread are those of the other groups
    (see `folds_of`), by how long the said duration is.

    Parameters
    ----------
    steps : (N,) int64
        True durations in steps of time, at least 1.
    said : (N,) float64
        What is said of each, in steps, positive.
    groups : (N,) int64
        Who each comes from.
    most : (N,) int64
        The longest that each can be, by what is decoded before it; at least `steps`.

    Returns
    -------
    (N,) float64
        Ideal code lengths; 0 where only one duration is possible.
    """
    folds = folds_of(groups)
    bits = np.empty(len(steps))
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        kind = _classes(said, said[train])
        for index in np.unique(kind[test]):
            chosen, known = test & (kind == index), train & (kind == index)
            centre, spread = _fit(steps[known], said[known], most[known])
            bits[chosen] = _bits(steps[chosen], said[chosen], most[chosen], centre, spread)
    return bits


def steps_of(tokens: ProsodyTokens, level: str) -> tuple[Ints, Ints, int]:
    """Durations of a level's units in steps of the coarsest grid that holds all of its edges.

    Returns
    -------
    (N,) int64
        Steps of each unit; only the last can end within a step.
    (N,) int64
        The most that each can take: what is left, less one step for each unit after it.
    int
        Frames of a step.
    """
    units = tokens[level].segmentation
    step = edge_step(units)
    left = -(-(tokens.num_frames - units.boundaries[:-1]) // step)
    most: Ints = left - np.arange(len(units))[::-1]
    return -(-units.durations // step), most, step


def _even(tokens: ProsodyTokens) -> ProsodyTokens:
    phrase, word = tokens["phrase"], tokens["word"]
    edges = np.linspace(0, tokens.num_frames, len(word) + 1).astype(np.int64)
    firsts = np.searchsorted(word.segmentation.boundaries, phrase.segmentation.boundaries)
    levels = (
        replace(phrase, segmentation=Segmentation.unlabelled(edges[firsts])),
        replace(word, segmentation=Segmentation.unlabelled(edges)),
    )
    return replace(tokens, levels=levels)


def _classes(said: Floats, known: Floats) -> Ints:
    if known.size == 0:
        return np.zeros(said.size, dtype=np.int64)
    edges = np.quantile(known, np.arange(1, CLASSES) / CLASSES)
    return np.searchsorted(edges, said)


def _fit(steps: Ints, said: Floats, most: Ints) -> tuple[float, float]:
    """Centre and spread (octaves) that make known durations most likely; 0 and 1 without any."""
    if steps.size == 0:
        return 0.0, 1.0
    centre = float(np.median(np.log2(steps / said)))
    costs = [_bits(steps, said, most, centre, spread).sum() for spread in SPREADS]
    return centre, float(SPREADS[int(np.argmin(costs))])


def _bits(steps: Ints, said: Floats, most: Ints, centre: float, spread: float) -> Floats:
    below, above, first, last = (
        _logistic((np.log2(edge / said) - centre) / spread)
        for edge in (steps - 0.5, steps + 0.5, 0.5, most + 0.5)
    )
    likely = (above - below) / np.maximum(last - first, 1e-12)
    mixed = (1 - ODD) * np.minimum(likely, 1.0) + ODD / most
    return np.where(most == 1, 0.0, -np.log2(mixed))


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))
