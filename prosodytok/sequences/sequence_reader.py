"""Streams to tokens, by the grammar that `prosodytok.sequences.vocabulary` states."""

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

#: The ids that may come next, as ranges.
Choices: TypeAlias = tuple[range, ...]
Result = TypeVar("Result")
#: A part of the grammar: yields what may come next, is sent what came, returns what it read.
Part: TypeAlias = Generator[Choices, int, Result]


class SequenceReader:
    """Reads one stream id by id, and says at each step which ids may come next.

    With `mask` a language model can be held to the grammar while it writes, so that what it writes
    is always a stream that `tokens` can read.

    Parameters
    ----------
    alphabet : Alphabet
        The vocabulary of the stream.

    Attributes
    ----------
    choices : tuple of range
        The ids that may come next.
    num_read : int
        Ids taken so far.
    finished : bool
        Whether the stream has ended; padding may still follow.
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
        """Which ids may come next, shape (V,); padding alone when the stream has ended."""
        mask = np.zeros(len(self._alphabet), dtype=bool)
        for choice in self.choices:
            mask[choice.start : choice.stop] = True
        return mask

    def push(self, token_id: SupportsIndex) -> None:
        """Take the next id.

        Raises
        ------
        TokenError
            If it is no id of the vocabulary or may not come here; the message says where, and what
            may.
        """
        try:
            number = index(token_id)
        except TypeError as error:
            raise TokenError(f"token {self.num_read}: {token_id!r:.60} is no id") from error
        if not any(number in choice for choice in self.choices):
            known = 0 <= number < len(self._alphabet)
            found = self._alphabet.tokens[number] if known else f"unknown id {number}"
            raise TokenError(f"token {self.num_read}: {found}, where {self.expected} may come")
        self.choices = self._grammar.send(number)
        self.num_read += 1

    def tokens(
        self, register: Register, labels: Mapping[str, Sequence[str]] | None = None
    ) -> ProsodyTokens:
        """What the stream says, once it has ended.

        Parameters
        ----------
        register : Register
            The voice, which no stream holds.
        labels : mapping of str to sequence of str, optional
            Words of the units of a level, by its name.

        Raises
        ------
        TokenError
            If the stream has not ended, or labels do not fit its units.
        """
        if not self.finished:
            raise TokenError(
                f"the stream breaks off: token {self.num_read} should be {self.expected}"
            )
        labels = labels or {}
        if strange := set(labels) - set(self._codes):
            raise TokenError(f"labels for {sorted(strange)}, but the stream has {[*self._codes]}")
        levels = tuple(self._to_level(name, labels.get(name)) for name in self._codes)
        return ProsodyTokens(levels, register, levels[0].segmentation.num_frames)

    @property
    def expected(self) -> str:
        """What may come next, in words."""
        names = self._alphabet.tokens
        return " or ".join(
            names[choice[0]] if len(choice) == 1 else f"{names[choice[0]]}..{names[choice[-1]]}"
            for choice in self.choices
        )

    def _to_level(self, name: str, labels: Sequence[str] | None) -> TokenLevel:
        codes = np.array(self._codes[name], dtype=np.int64).T
        return self._alphabet.level(name, codes, self._edges[name], labels)

    def _read(self) -> Part[None]:
        yield (self._alphabet.start,)
        levels = yield tuple(
            self._alphabet.header(names)
            for names in LEVEL_SETS
            if set(names) <= set(self._alphabet.codebook_sizes)
        )
        names = LEVEL_SETS[levels - self._alphabet.headers.start]
        self._codes = {name: [] for name in names}
        self._edges = {name: [] for name in names}
        num_frames = yield from self._read_cells() if names == ("frame",) else self._read_units()
        if "frame" in names:
            self._edges["frame"] = [*range(0, num_frames, FRAMES_PER_TOKEN)]
        for edges in self._edges.values():
            edges.append(num_frames)
        self.finished = True
        while True:
            yield (self._alphabet.pad,)

    def _read_cells(self) -> Part[int]:
        first = self._alphabet.codebooks["frame"][0]
        cut = self._alphabet.durations[: FRAMES_PER_TOKEN - 1]
        num_frames = 0
        token = yield (first,)
        while token in first:
            yield from self._read_codes("frame", token)
            num_frames += FRAMES_PER_TOKEN
            room = num_frames + FRAMES_PER_TOKEN <= MAX_FRAMES
            token = yield (*((first,) if room else ()), cut, self._alphabet.end)
        if token in cut:
            num_frames += cut.index(token) + 1 - FRAMES_PER_TOKEN
            yield (self._alphabet.end,)
        return num_frames

    def _read_units(self) -> Part[int]:
        units = [name for name in self._codes if name != "frame"]
        outer, inner = units[0], units[-1]
        begins = {name: self._alphabet.codebooks[name][0] for name in self._codes}
        num_frames = 0
        token = yield (begins[outer],)
        while token not in self._alphabet.end:
            if outer != inner and token in begins[outer]:
                self._edges[outer].append(num_frames)
                yield from self._read_codes(outer, token)
                token = yield (begins[inner],)
            self._edges[inner].append(num_frames)
            yield from self._read_codes(inner, token)
            num_frames += yield from self._read_duration(MAX_FRAMES - num_frames)
            cut = yield from self._read_cells_before(num_frames)
            more = tuple(begins[name] for name in units if num_frames < MAX_FRAMES)
            token = yield (*more, begins["frame"] if cut else self._alphabet.end)
            if cut and token in begins["frame"]:
                yield from self._read_codes("frame", token)
                token = yield (self._alphabet.end,)
        return num_frames

    def _read_cells_before(self, num_frames: int) -> Part[bool]:
        """Read the cells of the unit that ends here; true if as the last unit it has one more."""
        if "frame" not in self._codes:
            return False
        cells = self._codes["frame"]
        while len(cells) < num_centres_before(num_frames):
            token = yield (self._alphabet.codebooks["frame"][0],)
            yield from self._read_codes("frame", token)
        return len(cells) * FRAMES_PER_TOKEN < num_frames

    def _read_codes(self, level: str, first: int) -> Part[None]:
        codebooks = self._alphabet.codebooks[level]
        codes = [first - codebooks[0].start]
        for codebook in codebooks[1:]:
            token = yield (codebook,)
            codes.append(token - codebook.start)
        self._codes[level].append(codes)

    def _read_duration(self, most: int) -> Part[int]:
        """Read the duration of a unit, of at most so many frames."""
        last, longs = self._alphabet.durations, self._alphabet.longs
        duration = 0
        for more in range(MAX_LONGS, -1, -1):
            known = duration * DURATION_BASE
            short = last[: most - known]
            long = longs[: max(0, (most - 1) // DURATION_BASE - known)] if more else range(0)
            token = yield tuple(filter(len, (short, long)))
            if token in last:
                break
            duration = known + longs.index(token) + 1
        return known + last.index(token) + 1
