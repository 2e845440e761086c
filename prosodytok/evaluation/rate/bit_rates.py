"""Bits of each prefix of levels, under each coding of the tokens.

``fixed``
    Codes at fixed length, and boundaries: the bits of `ProsodyTokens.bits`.
``unigram``
    Each code by its frequency among other speakers; boundaries as above.
``context``
    A stream in the order of its decoder. The number of words, given the utterance's length. The
    phrase codes and word codes, each given its predecessors, and for each word whether the phrase
    ends with it. The grid of the edges, and the words' durations, given the durations that these
    codes decode to. The frame codes, given all of that.

The length of the utterance belongs to the container, and the register is stored beside the tokens;
its word rate follows from the number of words. Coded lengths are ideal (see `entropy`), and their
tables are not part of the stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.rate.duration_bits import duration_bits, steps_of
from prosodytok.evaluation.rate.entropy import Ints, context_bits, unigram_bits
from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, resampling_units
from prosodytok.types import ProsodyTokens
from prosodytok.types.boundary_bits import STEPS

#: Units per frame expected by the model of the number of units.
TYPICAL_RATE = 0.03
#: Positions in a phrase that the context model distinguishes.
PLACES = 8

#: Rates by part of a stream (levels, ``"boundaries"``, ``"total"``).
PartRates = dict[str, Interval]


@dataclass(frozen=True)
class Bits:
    """Bits of N utterances.

    Parameters
    ----------
    streams : dict of str to dict of str to dict of str to (N,) float64
        For each prefix ("phrase", "phrase + word", ...) and each coding ("fixed", "unigram",
        "context"), the bits of each level and of the ``"boundaries"``.
    durations : dict of str to (N,) float64
        Bits of the words' durations, ``"given_codes"`` and ``"without_codes"``.
    """

    streams: dict[str, dict[str, dict[str, Floats]]]
    durations: dict[str, Floats]


def measure_bits(
    utterances: Sequence[ProsodyTokens], durations: Sequence[Floats], speakers: Sequence[str | None]
) -> Bits:
    """Count the bits of utterances that have the same levels: phrase, word, then others.

    Parameters
    ----------
    utterances : sequence of ProsodyTokens
        N utterances.
    durations : sequence of (words,) float64
        Durations (s) that the codes decode to; see `decode_word_durations`.
    speakers : sequence of str or None
        Speaker of each utterance. Tables are counted on other speakers, or on other utterances
        where fewer than five speakers are known.
    """
    stream = _Stream(utterances, resampling_units(speakers)[0])
    levels = utterances[0].names
    unigram = {name: stream.unigram(name) for name in levels}
    context = {name: stream.context(name) for name in levels}
    given_codes = stream.durations("word", 100.0 * np.concatenate(durations))
    edges = {"phrase": stream.count("phrase") + stream.durations("phrase")}
    edges["word"] = stream.count("word") + stream.phrase_ends() + given_codes
    found = {}
    for prefix, names in utterances[0].prefixes.items():
        fixed = fixed_bits(utterances, names)
        coded = {"boundaries": edges["word" if "word" in names else "phrase"]}
        found[prefix] = {
            "fixed": fixed,
            "unigram": {n: unigram[n] for n in names} | {"boundaries": fixed["boundaries"]},
            "context": {n: context[n] for n in names} | coded,
        }
    return Bits(found, {"given_codes": given_codes, "without_codes": stream.durations("word")})


def fixed_bits(utterances: Sequence[ProsodyTokens], names: Sequence[str]) -> dict[str, Floats]:
    """Bits (N,) of each of some levels, codes at fixed length, and of the boundaries."""
    found = [u.select(names).bits for u in utterances]
    return {part: np.array([bits[part] for bits in found]) for part in found[0]}


def bits_to_rates(
    bits: dict[str, Floats],
    seconds: NDArray[np.floating],
    speakers: Sequence[str | None],
    *,
    seed: int = 0,
) -> PartRates:
    """Bits per second of each part of a stream and in total, with intervals.

    Parameters
    ----------
    bits : dict of str to (N,) float64
        Bits of each part in each of N utterances.
    seconds : (N,) float
        Durations of the utterances.
    speakers, seed
        As for `bootstrap`.
    """
    columns = np.stack([*bits.values(), sum(bits.values()), seconds], axis=1)

    def rates(sums: Floats) -> dict[str, Floats]:
        found = (sums[:, :-1] / sums[:, -1:]).T
        return dict(zip([*bits, "total"], found, strict=True))

    return bootstrap(columns, speakers, rates, seed=seed)


@dataclass(frozen=True)
class _Stream:
    """Concatenated utterances; methods return the bits (N,) of each utterance."""

    utterances: Sequence[ProsodyTokens]
    groups: Ints

    def unigram(self, level: str) -> Floats:
        groups = self.groups[self._owner(level)]
        books = zip(self._codes(level), self.utterances[0][level].codebook_sizes, strict=True)
        return self._sum(level, sum(unigram_bits(codes, size, groups) for codes, size in books))

    def context(self, level: str) -> Floats:
        owner, codes = self._owner(level), self._codes(level)
        parent, place = self._parents(level)
        total = np.zeros(owner.size)
        for book, size in enumerate(self.utterances[0][level].codebook_sizes):
            before = self._before(codes[book], owner, size)
            contexts = _with_pairs([before, parent, place])
            if book:
                contexts += _with_pairs([codes[book - 1], before])[::2]
            total += context_bits(codes[book], contexts, size, self.groups[owner], owner)
        return self._sum(level, total)

    def durations(self, level: str, decoded: Floats | None = None) -> Floats:
        """Bits of a level's durations given decoded ones (frames), or else given their mean."""
        owner = self._owner(level)
        found = [steps_of(u, level) for u in self.utterances]
        steps, most = (np.concatenate(column) for column in list(zip(*found, strict=True))[:2])
        if decoded is None:
            means = [u.num_frames / len(u[level]) for u in self.utterances]
            decoded = np.array(means)[owner]
        expected = decoded / np.array([step for _, _, step in found])[owner]
        bits = duration_bits(steps, expected, self.groups[owner], most)
        return self._sum(level, bits) + float(np.log2(len(STEPS)))

    def count(self, level: str) -> Floats:
        """Bits of the number of units, given the number of frames."""
        frames = np.array([u.num_frames for u in self.utterances])
        units = np.array([len(u[level]) for u in self.utterances])
        return duration_bits(units, TYPICAL_RATE * frames, self.groups, frames)

    def phrase_ends(self) -> Floats:
        """Bits of the flag that a phrase ends after a word; none for the last word."""
        owner = self._owner("word")
        last = np.append(owner[1:] != owner[:-1], True)
        ends = np.concatenate([_phrase_ends(u) for u in self.utterances])
        contexts = [x[~last] for x in (self._codes("word")[0], self._parents("word")[1])]
        groups, streams = self.groups[owner][~last], owner[~last]
        bits = np.zeros(owner.size)
        bits[~last] = context_bits(ends[~last], contexts, 2, groups, streams)
        return self._sum("word", bits)

    def _owner(self, level: str) -> Ints:
        return np.repeat(np.arange(len(self.utterances)), [len(u[level]) for u in self.utterances])

    def _codes(self, level: str) -> Ints:
        return np.concatenate([u[level].codes for u in self.utterances], axis=1)

    def _before(self, codes: Ints, owner: Ints, start: int) -> Ints:
        """Previous code of each unit; `start` at the beginning of an utterance."""
        first = np.diff(owner, prepend=-1) != 0
        return np.where(first, start, np.roll(codes, 1))

    def _sum(self, level: str, bits: Floats | float) -> Floats:
        owner = self._owner(level)
        weights = np.broadcast_to(bits, owner.shape)
        sums = np.bincount(owner, weights=weights, minlength=len(self.utterances))
        return np.asarray(sums, dtype=np.float64)

    def _parents(self, level: str) -> tuple[Ints, Ints]:
        """Code of the parent unit of each unit, and the position within the parent."""
        found = [_parents(u, level) for u in self.utterances]
        code, place = (np.concatenate(column) for column in zip(*found, strict=True))
        return code, place


def _with_pairs(contexts: list[Ints]) -> list[Ints]:
    """Contexts, each followed by its pair with the next one (the last with the first)."""
    found = []
    for one, other in zip(contexts, [*contexts[1:], contexts[0]], strict=True):
        found += [one, one * (other.max(initial=0) + 1) + other]
    return found


def _parents(tokens: ProsodyTokens, level: str) -> tuple[Ints, Ints]:
    units = tokens[level].segmentation
    above = {"word": "phrase", "frame": "word"}.get(level)
    if above is None:
        return np.zeros(len(units), np.int64), np.minimum(np.arange(len(units)), PLACES - 1)
    middles = (units.boundaries[:-1] + units.boundaries[1:]) / 2
    wider = tokens[above].segmentation
    parent = wider.unit_at(middles)
    code = tokens[above].codes[0][parent]
    if level == "word":  # only the order: durations are decoded later
        return code, np.minimum(np.arange(len(units)) - np.searchsorted(parent, parent), PLACES - 1)
    position = (middles - wider.boundaries[parent]) / wider.durations[parent]
    length = np.clip(np.log2(wider.durations[parent]).astype(np.int64), 2, 7) - 2
    return code, 4 * length + np.clip(4 * position, 0, 3).astype(np.int64)


def _phrase_ends(tokens: ProsodyTokens) -> Ints:
    edges = tokens["phrase"].segmentation.boundaries
    return np.isin(tokens["word"].segmentation.boundaries[1:], edges).astype(np.int64)
