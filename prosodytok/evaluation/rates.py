"""Bits of each prefix of levels, under each way to write the tokens down.

``fixed``
    Codes at fixed length, and boundaries: what `ProsodyTokens.bits` counts.
``unigram``
    Each code by how often other speakers use it; boundaries as above.
``context``
    A stream that its decoder reads in this order. How many words there are, by the utterance's
    length. The phrase codes and word codes, each after what stands before it, and whether the
    phrase ends with this word. The grid of the edges, and the words' durations, around what these
    codes say of them. The frame codes, given all that.

The length of the utterance is the container's, and the register lies beside the tokens, as ever;
its word rate follows from the count of words. Coded lengths are ideal (see `entropy`), and their
tables are no part of the stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prosodytok.evaluation.bootstrap import resampling_units
from prosodytok.evaluation.durations import duration_bits, steps_of
from prosodytok.evaluation.entropy import Floats, Ints, context_bits, unigram_bits
from prosodytok.types import ProsodyTokens
from prosodytok.types.boundary_bits import STEPS

#: Units a frame that `duration_bits` starts from when it codes how many units there are.
TYPICAL_RATE = 0.03
#: Words of a phrase that the context model tells apart.
PLACES = 8


@dataclass(frozen=True)
class Rates:
    """Bits of N utterances.

    Parameters
    ----------
    bits : dict of str to dict of str to dict of str to (N,) float64
        For each prefix ("phrase", "phrase + word", ...) and each way to write it down ("fixed",
        "unigram", "context"), the bits of each level and of the ``"boundaries"``.
    duration_bits : dict of str to (N,) float64
        Bits of the words' durations, ``"given_codes"`` and ``"without_codes"``.
    """

    bits: dict[str, dict[str, dict[str, Floats]]]
    duration_bits: dict[str, Floats]


def measure_rates(
    utterances: Sequence[ProsodyTokens], said: Sequence[Floats], speakers: Sequence[str | None]
) -> Rates:
    """Count the bits of utterances that have the same levels, phrase, word and then others.

    Parameters
    ----------
    utterances : sequence of ProsodyTokens
        N utterances.
    said : sequence of (words,) float64
        What the codes say of each word's duration (seconds); see `said_durations`.
    speakers : sequence of str or None
        Who speaks each: tables are counted on others, or on other utterances where fewer than five
        speakers are known.
    """
    stream = _Stream(utterances, resampling_units(speakers)[0])
    levels = utterances[0].names
    unigram = {name: stream.unigram(name) for name in levels}
    context = {name: stream.context(name) for name in levels}
    durations = stream.durations("word", 100.0 * np.concatenate(said))
    edges = {"phrase": stream.count("phrase") + stream.durations("phrase")}
    edges["word"] = stream.count("word") + stream.phrase_ends() + durations
    found = {}
    for prefix, names in utterances[0].prefixes.items():
        fixed = fixed_bits(utterances, names)
        coded = {"boundaries": edges["word" if "word" in names else "phrase"]}
        found[prefix] = {
            "fixed": fixed,
            "unigram": {n: unigram[n] for n in names} | {"boundaries": fixed["boundaries"]},
            "context": {n: context[n] for n in names} | coded,
        }
    return Rates(found, {"given_codes": durations, "without_codes": stream.durations("word")})


def fixed_bits(utterances: Sequence[ProsodyTokens], names: Sequence[str]) -> dict[str, Floats]:
    """Bits (N,) of each of some levels, codes at fixed length, and of the boundaries."""
    found = [u.select(names).bits for u in utterances]
    return {part: np.array([bits[part] for bits in found]) for part in found[0]}


@dataclass(frozen=True)
class _Stream:
    """Utterances one after the other; bits (N,) are those of each utterance."""

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

    def durations(self, level: str, said: Floats | None = None) -> Floats:
        """Bits of a level's durations; without what is said (frames), their mean is expected."""
        owner = self._owner(level)
        found = [steps_of(u, level) for u in self.utterances]
        steps, most = (np.concatenate(column) for column in list(zip(*found, strict=True))[:2])
        if said is None:
            means = [u.num_frames / len(u[level]) for u in self.utterances]
            said = np.array(means)[owner]
        expected = said / np.array([step for _, _, step in found])[owner]
        bits = duration_bits(steps, expected, self.groups[owner], most)
        return self._sum(level, bits) + float(np.log2(len(STEPS)))

    def count(self, level: str) -> Floats:
        """Bits of how many units there are in as many frames."""
        frames = np.array([u.num_frames for u in self.utterances])
        units = np.array([len(u[level]) for u in self.utterances])
        return duration_bits(units, TYPICAL_RATE * frames, self.groups, frames)

    def phrase_ends(self) -> Floats:
        """Bits of whether a phrase ends after each word; the last one always does."""
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
        """The code before each, and `start` at the beginning of an utterance."""
        first = np.diff(owner, prepend=-1) != 0
        return np.where(first, start, np.roll(codes, 1))

    def _sum(self, level: str, bits: Floats | float) -> Floats:
        owner = self._owner(level)
        weights = np.broadcast_to(bits, owner.shape)
        sums = np.bincount(owner, weights=weights, minlength=len(self.utterances))
        return np.asarray(sums, dtype=np.float64)

    def _parents(self, level: str) -> tuple[Ints, Ints]:
        """The code of the unit above each unit, and where in that it stands."""
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
    if level == "word":  # durations are not known yet: only the order is
        return code, np.minimum(np.arange(len(units)) - np.searchsorted(parent, parent), PLACES - 1)
    way = (middles - wider.boundaries[parent]) / wider.durations[parent]
    length = np.clip(np.log2(wider.durations[parent]).astype(np.int64), 2, 7) - 2
    return code, 4 * length + np.clip(4 * way, 0, 3).astype(np.int64)


def _phrase_ends(tokens: ProsodyTokens) -> Ints:
    edges = tokens["phrase"].segmentation.boundaries
    return np.isin(tokens["word"].segmentation.boundaries[1:], edges).astype(np.int64)
