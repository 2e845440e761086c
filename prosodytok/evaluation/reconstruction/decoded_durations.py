"""Durations of words and pauses that the codes decode to, beside the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, ratio
from prosodytok.segmentation import pauses_in
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, Segmentation
from prosodytok.types.prosody import Prosody

#: Largest error that the histogram behind the median distinguishes (ms).
MAX_ERROR_MS = 2000


@dataclass(frozen=True)
class DurationErrors:
    """Error of decoded durations: units, mean |log2(decoded / true)|, median error in ms."""

    units: int
    octaves: Interval
    median_ms: Interval


def decode_word_durations(tokenizer: ProsodyTokenizer, tokens: ProsodyTokens) -> Floats:
    """Seconds that the phrase and word codes decode to for each of N words, shape (N,).

    The codes are decoded on words of equal length, so that the true boundaries cannot help.
    """
    return tokenizer.decode_durations(_with_equal_words(tokens))


def pause_mask(tokens: ProsodyTokens, prosody: Prosody) -> NDArray[np.bool_]:
    """Mask of the words that are pauses, shape (N,).

    Given words are pauses if their label is empty; other words as `pauses_in` classifies them.
    """
    words = tokens["word"].segmentation
    if tokens.source not in ("acoustic", "learned", "even"):
        return np.array([label == "" for label in words.labels])
    return pauses_in(words, prosody)


def duration_errors(
    decoded: Sequence[Floats],
    true: Sequence[Floats],
    speakers: Sequence[str | None],
    *,
    seed: int = 0,
) -> DurationErrors:
    """Errors of the decoded durations (s) of units of N utterances, pooled."""
    rows = [_error_sums(d, t) for d, t in zip(decoded, true, strict=True)]
    found = bootstrap(np.array(rows), speakers, _error_scores, seed=seed)
    return DurationErrors(int(sum(d.size for d in decoded)), **found)


def _with_equal_words(tokens: ProsodyTokens) -> ProsodyTokens:
    phrase, word = tokens["phrase"], tokens["word"]
    edges = np.linspace(0, tokens.num_frames, len(word) + 1).astype(np.int64)
    firsts = np.searchsorted(word.segmentation.boundaries, phrase.segmentation.boundaries)
    levels = (
        replace(phrase, segmentation=Segmentation.unlabelled(edges[firsts])),
        replace(word, segmentation=Segmentation.unlabelled(edges)),
    )
    return replace(tokens, levels=levels)


def _error_sums(decoded: Floats, true: Floats) -> Floats:
    """Octaves, number of units, and a histogram of errors (ms), which adds up."""
    octaves = np.abs(np.log2(decoded / true)).sum()
    error = np.minimum(np.rint(1000 * np.abs(decoded - true)), MAX_ERROR_MS).astype(np.int64)
    return np.array([octaves, error.size, *np.bincount(error, minlength=MAX_ERROR_MS + 1)])


def _error_scores(sums: Floats) -> dict[str, Floats]:
    below = np.cumsum(sums[:, 2:], axis=1)
    median = np.argmax(below >= below[:, -1:] / 2, axis=1)
    return {
        "octaves": ratio(sums[:, 0], sums[:, 1]),
        "median_ms": np.where(sums[:, 1] > 0, median, np.nan),
    }
