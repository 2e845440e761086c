"""Names and ids of the tokens of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from prosodytok.types.errors import SegmentationError, TokenError
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Segmentation
from prosodytok.types.tokens import (
    LEVELS,
    MAX_CODEBOOK_SIZE,
    MAX_CODEBOOKS,
    ProsodyTokens,
    TokenLevel,
)

PAD, START, END = "<prosody_pad>", "<prosody>", "</prosody>"

#: Possible sets of levels of a sequence, in the order of their header tokens.
LEVEL_SETS = tuple(names for size in (1, 2, 3) for names in combinations(LEVELS, size))

#: Largest duration of one ``<dur_N>`` (frames), and the base of longer durations: one second.
DURATION_BASE = 100
#: Maximum number of ``<long_N>`` in a duration, enough for more than a day.
MAX_LONGS = 3


@dataclass(frozen=True)
class Alphabet:
    """All tokens of a vocabulary; the ids of each kind are consecutive.

    Ids 0 to 209 are the same in every alphabet: padding, start, end, a header for each set of
    levels, and durations. The codes follow by level, coarse to fine, and by codebook.

    Parameters
    ----------
    codebook_sizes : mapping of str to tuple of int
        Sizes of the K codebooks of each level: any of "phrase", "word" and "frame".

    Raises
    ------
    TokenError
        If there is no level, a level is unknown, or a level has no codebook or an empty one.
    """

    codebook_sizes: Mapping[str, tuple[int, ...]]

    pad = range(0, 1)
    start = range(1, 2)
    end = range(2, 3)
    headers = range(3, 3 + len(LEVEL_SETS))
    durations = range(headers.stop, headers.stop + DURATION_BASE)
    longs = range(durations.stop, durations.stop + DURATION_BASE)

    def __post_init__(self) -> None:
        unknown = set(self.codebook_sizes) - set(LEVELS)
        if unknown or not self.codebook_sizes:
            raise TokenError(
                f"a vocabulary needs levels out of {LEVELS}, got {[*self.codebook_sizes]}"
            )
        sizes = {
            name: tuple(int(size) for size in self.codebook_sizes[name])
            for name in LEVELS
            if name in self.codebook_sizes
        }
        for name, books in sizes.items():
            if not books or min(books) < 1:
                raise TokenError(f"level {name!r}: codebooks of sizes {books} have no codes")
            if len(books) > MAX_CODEBOOKS or max(books) > MAX_CODEBOOK_SIZE:
                raise TokenError(
                    f"level {name!r}: at most {MAX_CODEBOOKS} codebooks of {MAX_CODEBOOK_SIZE} "
                    f"codes are supported, not {len(books)} of {max(books)}"
                )
        object.__setattr__(self, "codebook_sizes", sizes)

    def __len__(self) -> int:
        return self.longs.stop + sum(map(sum, self.codebook_sizes.values()))

    @cached_property
    def tokens(self) -> list[str]:
        """Names of all tokens, by id."""
        return [
            *(PAD, START, END),
            *(f"<levels_{'_'.join(names)}>" for names in LEVEL_SETS),
            *(f"<dur_{digit}>" for digit in range(1, DURATION_BASE + 1)),
            *(f"<long_{digit}>" for digit in range(1, DURATION_BASE + 1)),
            *self._code_tokens(),
        ]

    @cached_property
    def codebooks(self) -> dict[str, tuple[range, ...]]:
        """Ids of the codes of each level's K codebooks."""
        codebooks, first = {}, self.longs.stop
        for name, sizes in self.codebook_sizes.items():
            ranges = []
            for size in sizes:
                ranges.append(range(first, first + size))
                first += size
            codebooks[name] = tuple(ranges)
        return codebooks

    def header(self, names: tuple[str, ...]) -> range:
        """Id, as a range of one, of the header token of a set of levels."""
        first = self.headers.start + LEVEL_SETS.index(names)
        return range(first, first + 1)

    def check(self, tokens: ProsodyTokens) -> None:
        """Raise `TokenError` if a level of the tokens has other codebooks than the alphabet."""
        for level in tokens.levels:
            sizes = self.codebook_sizes.get(level.name)
            if sizes != level.codebook_sizes:
                raise TokenError(
                    f"level {level.name!r} has codebooks of sizes {level.codebook_sizes}, "
                    f"the vocabulary has {sizes or 'no such level'}"
                )

    def level(
        self, name: str, codes: ArrayLike, edges: ArrayLike, labels: Sequence[str] | None
    ) -> TokenLevel:
        """Make a level from codes (K, N) and edges (N + 1,).

        Raises
        ------
        TokenError
            If edges and labels are not a valid segmentation.
        """
        try:
            units = (
                Segmentation.unlabelled(edges)
                if labels is None
                else Segmentation(np.asarray(edges, dtype=np.int64), tuple(labels))
            )
        except SegmentationError as error:
            raise TokenError(f"level {name!r}: {error}") from error
        codes = np.asarray(codes, dtype=np.int64)
        return TokenLevel(name, codes, self.codebook_sizes[name], units)

    def _code_tokens(self) -> Iterator[str]:
        for name, sizes in self.codebook_sizes.items():
            for codebook, size in enumerate(sizes):
                yield from (f"<{name}_{codebook}_{code}>" for code in range(size))


def num_centres_before(frame: int) -> int:
    """Number of frame tokens centred before a frame edge, on an unbounded grid."""
    return (frame + FRAMES_PER_TOKEN // 2 - 1) // FRAMES_PER_TOKEN
