"""Tokens to id sequences, by the grammar in `prosodytok.sequences.vocabulary`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from prosodytok.sequences.alphabet import DURATION_BASE, Alphabet, num_centres_before
from prosodytok.types.errors import TokenError
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Segmentation
from prosodytok.types.tokens import ProsodyTokens


def write_ids(alphabet: Alphabet, tokens: ProsodyTokens) -> Iterator[int]:
    """Yield the ids of the sequence of an utterance.

    Raises
    ------
    TokenError
        If codebooks differ from the alphabet's, or frame tokens are off their grid.
    """
    alphabet.check(tokens)
    check_grid(tokens)
    yield alphabet.start[0]
    yield alphabet.header(tokens.names)[0]
    if tokens.names == ("frame",):
        yield from _write_codes(alphabet, tokens, "frame", 0, len(tokens["frame"]))
        if rest := tokens.num_frames % FRAMES_PER_TOKEN:
            yield alphabet.durations[rest - 1]
    else:
        yield from _write_units(alphabet, tokens)
    yield alphabet.end[0]


def check_grid(tokens: ProsodyTokens) -> None:
    """Raise `TokenError` if there are frame tokens off the fixed grid."""
    if "frame" not in tokens:
        return
    grid = Segmentation.grid(tokens.num_frames)
    if not np.array_equal(tokens["frame"].segmentation.boundaries, grid.boundaries):
        raise TokenError(f"frame tokens are not on the grid of {FRAMES_PER_TOKEN} frames")


def _write_units(alphabet: Alphabet, tokens: ProsodyTokens) -> Iterator[int]:
    inner = tokens["word" if "word" in tokens else "phrase"]
    edges = inner.segmentation.boundaries.tolist()
    phrase_starts = tokens["phrase"].segmentation.boundaries.tolist() if "phrase" in tokens else []
    phrase_of = {start: number for number, start in enumerate(phrase_starts)}
    for unit, (start, end) in enumerate(pairwise(edges)):
        if inner.name != "phrase" and start in phrase_of:
            phrase = phrase_of[start]
            yield from _write_codes(alphabet, tokens, "phrase", phrase, phrase + 1)
        yield from _write_codes(alphabet, tokens, inner.name, unit, unit + 1)
        yield from _write_duration(alphabet, end - start)
        if "frame" in tokens:
            # The last unit includes a last frame token whose centre is beyond the utterance.
            stop = len(tokens["frame"]) if end == tokens.num_frames else num_centres_before(end)
            yield from _write_codes(alphabet, tokens, "frame", num_centres_before(start), stop)


def _write_codes(
    alphabet: Alphabet, tokens: ProsodyTokens, level: str, first: int, stop: int
) -> Iterator[int]:
    starts = [codebook.start for codebook in alphabet.codebooks[level]]
    for codes in tokens[level].codes[:, first:stop].T.tolist():
        yield from (start + code for start, code in zip(starts, codes, strict=True))


def _write_duration(alphabet: Alphabet, duration: int) -> Iterator[int]:
    """Yield a duration in bijective numeration, digits 1 to the base, which is unique."""
    digits = []
    while duration:
        duration, digit = divmod(duration - 1, DURATION_BASE)
        digits.append(digit)
    last, *longs = digits
    yield from (alphabet.longs[digit] for digit in reversed(longs))
    yield alphabet.durations[last]
