"""Id sequences to tokens, by the grammar in `prosodytok.sequences.vocabulary`."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from operator import index
from typing import SupportsIndex, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.sequences.alphabet import (
    DURATION_BASE,
    LEVEL_SETS,
    MAX_LONGS,
    Alphabet,
    num_centres_before,
)
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FRAMES_PER_TOKEN
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.types.units import MAX_FRAMES

#: Ids that are allowed next, as ranges.
Choices: TypeAlias = tuple[range, ...]
Result = TypeVar("Result")
#: A rule of the grammar: yields the choices, is sent the chosen id, returns the parsed value.
Rule: TypeAlias = Generator[Choices, int, Result]


class SequenceReader:
    """Incremental parser of one sequence, with the allowed ids at each step.

    With `mask` the sampling of a language model can be constrained to the grammar, so that `tokens`
    can always read its output.

    Parameters
    ----------
    alphabet : Alphabet
        The vocabulary of the sequence.

    Attributes
    ----------
    choices : tuple of range
        Ids allowed next.
    num_read : int
        Number of ids read.
    finished : bool
        Whether the sequence has ended; padding may follow.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self.finished = False
        self._alphabet = alphabet
        self.num_read = 0
        self._codes: dict[str, list[list[int]]] = {}
        self._edges: dict[str, list[int]] = {}
        self._grammar = self._read()
        self.choices = next(self._grammar)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which ids are allowed next, shape (V,); only padding after the end."""
        mask = np.zeros(len(self._alphabet), dtype=bool)
        for choice in self.choices:
            mask[choice.start : choice.stop] = True
        return mask

    def push(self, token_id: SupportsIndex) -> None:
        """Read the next id.

        Raises
        ------
        TokenError
            If it is not an id of the vocabulary or not allowed here; the message gives its position
            and the allowed tokens.
        """
        try:
            number = index(token_id)
        except TypeError as error:
            raise TokenError(f"token {self.num_read}: {token_id!r:.60} is not an id") from error
        if not any(number in choice for choice in self.choices):
            known = 0 <= number < len(self._alphabet)
            found = self._alphabet.tokens[number] if known else f"unknown id {number}"
            raise TokenError(f"token {self.num_read}: {found}, expected {self.expected}")
        self.choices = self._grammar.send(number)
        self.num_read += 1

    def tokens(
        self, register: Register, labels: Mapping[str, Sequence[str]] | None = None
    ) -> ProsodyTokens:
        """Tokens of a complete sequence; for the parameters see `ProsodyVocabulary.from_ids`.

        Raises
        ------
        TokenError
            If the sequence is incomplete, or labels do not match its units.
        """
        if not self.finished:
            raise TokenError(
                f"the sequence is incomplete: token {self.num_read} should be {self.expected}"
            )
        labels = labels or {}
        if unknown := set(labels) - set(self._codes):
            raise TokenError(f"labels for {sorted(unknown)}, but the levels are {[*self._codes]}")
        levels = tuple(self._to_level(name, labels.get(name)) for name in self._codes)
        return ProsodyTokens(levels, register, levels[0].segmentation.num_frames)

    @property
    def expected(self) -> str:
        """Allowed tokens, for a message."""
        names = self._alphabet.tokens
        return " or ".join(
            names[choice[0]] if len(choice) == 1 else f"{names[choice[0]]}..{names[choice[-1]]}"
            for choice in self.choices
        )

    def _to_level(self, name: str, labels: Sequence[str] | None) -> TokenLevel:
        codes = np.array(self._codes[name], dtype=np.int64).T
        return self._alphabet.level(name, codes, self._edges[name], labels)

    def _read(self) -> Rule[None]:
        yield (self._alphabet.start,)
        levels = yield tuple(
            self._alphabet.header(names)
            for names in LEVEL_SETS
            if set(names) <= set(self._alphabet.codebook_sizes)
        )
        names = LEVEL_SETS[levels - self._alphabet.headers.start]
        self._codes = {name: [] for name in names}
        self._edges = {name: [] for name in names}
        num_frames = (
            yield from self._read_frame_tokens() if names == ("frame",) else self._read_units()
        )
        if "frame" in names:
            self._edges["frame"] = [*range(0, num_frames, FRAMES_PER_TOKEN)]
        for edges in self._edges.values():
            edges.append(num_frames)
        self.finished = True
        while True:
            yield (self._alphabet.pad,)

    def _read_frame_tokens(self) -> Rule[int]:
        first = self._alphabet.codebooks["frame"][0]
        rest = self._alphabet.durations[: FRAMES_PER_TOKEN - 1]
        num_frames = 0
        token = yield (first,)
        while token in first:
            yield from self._read_codes("frame", token)
            num_frames += FRAMES_PER_TOKEN
            room = num_frames + FRAMES_PER_TOKEN <= MAX_FRAMES
            token = yield (*((first,) if room else ()), rest, self._alphabet.end)
        if token in rest:
            num_frames += rest.index(token) + 1 - FRAMES_PER_TOKEN
            yield (self._alphabet.end,)
        return num_frames

    def _read_units(self) -> Rule[int]:
        units = [name for name in self._codes if name != "frame"]
        outer, inner = units[0], units[-1]
        first_codes = {name: self._alphabet.codebooks[name][0] for name in self._codes}
        num_frames = 0
        token = yield (first_codes[outer],)
        while token not in self._alphabet.end:
            if outer != inner and token in first_codes[outer]:
                self._edges[outer].append(num_frames)
                yield from self._read_codes(outer, token)
                token = yield (first_codes[inner],)
            self._edges[inner].append(num_frames)
            yield from self._read_codes(inner, token)
            num_frames += yield from self._read_duration(MAX_FRAMES - num_frames)
            partial = yield from self._read_frame_tokens_before(num_frames)
            more = tuple(first_codes[name] for name in units if num_frames < MAX_FRAMES)
            token = yield (*more, first_codes["frame"] if partial else self._alphabet.end)
            if partial and token in first_codes["frame"]:
                yield from self._read_codes("frame", token)
                token = yield (self._alphabet.end,)
        return num_frames

    def _read_frame_tokens_before(self, num_frames: int) -> Rule[bool]:
        """Read the frame tokens of a unit; true if the last unit would have one more."""
        if "frame" not in self._codes:
            return False
        frame_codes = self._codes["frame"]
        while len(frame_codes) < num_centres_before(num_frames):
            token = yield (self._alphabet.codebooks["frame"][0],)
            yield from self._read_codes("frame", token)
        return len(frame_codes) * FRAMES_PER_TOKEN < num_frames

    def _read_codes(self, level: str, first: int) -> Rule[None]:
        codebooks = self._alphabet.codebooks[level]
        codes = [first - codebooks[0].start]
        for codebook in codebooks[1:]:
            token = yield (codebook,)
            codes.append(token - codebook.start)
        self._codes[level].append(codes)

    def _read_duration(self, limit: int) -> Rule[int]:
        """Read the duration of a unit, at most `limit` frames."""
        last, longs = self._alphabet.durations, self._alphabet.longs
        duration = 0
        for more in range(MAX_LONGS, -1, -1):
            prefix = duration * DURATION_BASE
            short = last[: limit - prefix]
            long = longs[: max(0, (limit - 1) // DURATION_BASE - prefix)] if more else range(0)
            token = yield tuple(filter(len, (short, long)))
            if token in last:
                break
            duration = prefix + longs.index(token) + 1
        return prefix + last.index(token) + 1
