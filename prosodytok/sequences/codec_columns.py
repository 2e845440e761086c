"""Tokens aligned with the frames of a codec, 12.5 per second.

Mimi (Défossez et al., 2024, "Moshi") and other codecs of this rate output one column of codes per
80 ms. `ProsodyColumns` adds a column of prosody to each, for models of several parallel streams: a
row for each codebook of each level, and two for durations. ::

    column        0    1    2    3    4    5
    phrase_0     17    .    .    .    .    .     start of a phrase
    word_0        3    .    9    .    .    .     start of a word
    word_1       30    .   11    .    .    .
    dur          14    .   36    .    .    .     frames of 10 ms, less one, modulo 100 ...
    long          0    .    0    .    .    .     ... and in hundreds
    frame_0     210  198   71  305    4    .     every 80 ms

- ``.`` is idle, the last value of each row (its size less one).
- A word is in the column in which it starts or, if another word occupies it, in the next free one.
  A phrase is in the column of its first word. A word thus precedes its frames, and later columns do
  not change the meaning of earlier ones.
- Durations are exact to 10 ms, so the round trip is lossless. Without a word level they are those
  of the phrases; frame tokens alone have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.sequences.alphabet import DURATION_BASE, Alphabet
from prosodytok.sequences.sequence_writer import check_grid
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Segmentation
from prosodytok.types.tokens import ProsodyTokens

Columns = NDArray[np.int64]


class ProsodyColumns:
    """Writer and reader of columns; for their format see the module.

    Parameters
    ----------
    codebook_sizes : mapping of str to tuple of int
        Sizes of the K codebooks of each level: any of "phrase", "word" and "frame".

    Attributes
    ----------
    rows : tuple of str, length R
        Names of the rows, top to bottom.
    sizes : (R,) int64
        Number of values of each row, including idle.

    Raises
    ------
    TokenError
        If there is no level, a level is unknown, or a level has no codebook or an empty one.
    """

    def __init__(self, codebook_sizes: Mapping[str, tuple[int, ...]]) -> None:
        self._alphabet = Alphabet(codebook_sizes)
        sizes: dict[str, int] = {}
        for name, books in self._alphabet.codebook_sizes.items():
            if name == "frame":
                sizes |= self._duration_rows()
            sizes |= {f"{name}_{book}": size for book, size in enumerate(books)}
        sizes |= self._duration_rows()
        self.rows = tuple(sizes)
        self.sizes: Columns = np.array(list(sizes.values()), dtype=np.int64) + 1

    @classmethod
    def of(cls, tokens: ProsodyTokens) -> ProsodyColumns:
        """The columns of the levels and codebooks of these tokens."""
        return cls({level.name: level.codebook_sizes for level in tokens.levels})

    @property
    def idle(self) -> Columns:
        """The idle value of each row, shape (R,)."""
        return self.sizes - 1

    def to_columns(self, tokens: ProsodyTokens, num_columns: int | None = None) -> Columns:
        """Write tokens with exactly these levels.

        Parameters
        ----------
        tokens : ProsodyTokens
            The utterance, T frames.
        num_columns : int, optional
            Number of columns, such as the codec's frames; by default as few as possible. Mimi has
            ceil(12.5 * seconds), which is ceil(T / 8) or, if T was rounded down, one more.

        Returns
        -------
        (R, N) int64
            One column for each 80 ms; idle beyond the utterance.

        Raises
        ------
        TokenError
            If levels or codebooks differ, frame tokens are off their grid, a unit is longer than
            100 s, or the columns are too few.
        """
        self._alphabet.check(tokens)
        if set(tokens.names) != set(self._alphabet.codebook_sizes):
            raise TokenError(
                f"columns of {', '.join(self._alphabet.codebook_sizes)} need exactly these levels, "
                f"but the tokens have {', '.join(tokens.names)}"
            )
        check_grid(tokens)
        positions = {name: self._columns_of(tokens, name) for name in tokens.names}
        needed = max(int(at[-1]) + 1 for at in positions.values())
        needed = max(needed, -(-tokens.num_frames // FRAMES_PER_TOKEN))
        if num_columns is not None and num_columns < needed:
            raise TokenError(f"{num_columns} columns are too few: the tokens need {needed}")
        columns = np.repeat(self.idle[:, None], num_columns or needed, axis=1)
        for name, at in positions.items():
            columns[self._rows_of(name)[:, None], at] = tokens[name].codes
        if timed := self._timed:
            durations = tokens[timed].segmentation.durations - 1
            if (durations >= DURATION_BASE**2).any():
                raise TokenError("a unit is longer than 100 s, the limit of columns")
            columns[self._row("dur"), positions[timed]] = durations % DURATION_BASE
            columns[self._row("long"), positions[timed]] = durations // DURATION_BASE
        return columns

    def from_columns(
        self,
        columns: ArrayLike,
        register: Register,
        labels: Mapping[str, Sequence[str]] | None = None,
        num_frames: int | None = None,
    ) -> ProsodyTokens:
        """Read columns as tokens.

        Parameters
        ----------
        columns : (R, N) int
            Output of `to_columns` or of a model.
        register : Register
            The voice, which is not part of the columns.
        labels : mapping of str to sequence of str, optional
            Words of the units of a level, by its name.
        num_frames : int, optional
            Frames T of the utterance, for frame tokens alone; by default a multiple of 8.

        Raises
        ------
        TokenError
            If the columns have a wrong shape or values, or are inconsistent; the message names the
            column.
        """
        try:
            found = self._checked(np.asarray(columns))
        except ValueError as error:
            raise TokenError(f"columns must be an array of integers ({error})") from error
        used = {n: self._used(found, n) for n in self._alphabet.codebook_sizes}
        edges: dict[str, Columns] = {}
        if timed := self._timed:
            hundreds, rest = found[self._row("long")], found[self._row("dur")]
            durations = (hundreds * DURATION_BASE + rest + 1)[used[timed]]
            edges[timed] = np.append(0, np.cumsum(durations))
            num_frames = int(edges[timed][-1])
        if "word" in used and "phrase" in used:
            edges["phrase"] = _phrase_edges(used["phrase"], used["word"], edges["word"])
        if "frame" in used:
            edges["frame"] = _frame_edges(used["frame"], num_frames)
        levels = tuple(
            self._alphabet.level(
                name, found[self._rows_of(name)][:, at], edges[name], (labels or {}).get(name)
            )
            for name, at in used.items()
        )
        return ProsodyTokens(levels, register, levels[0].segmentation.num_frames)

    @property
    def _timed(self) -> str | None:
        """The level with durations."""
        return next((n for n in ("word", "phrase") if n in self._alphabet.codebook_sizes), None)

    def _duration_rows(self) -> dict[str, int]:
        return dict.fromkeys(("dur", "long"), DURATION_BASE) if self._timed else {}

    def _row(self, name: str) -> int:
        return self.rows.index(name)

    def _rows_of(self, level: str) -> Columns:
        books = range(len(self._alphabet.codebook_sizes[level]))
        return np.array([self._row(f"{level}_{book}") for book in books])

    def _columns_of(self, tokens: ProsodyTokens, level: str) -> Columns:
        """The column of each unit of a level."""
        starts = tokens[level].segmentation.boundaries[:-1]
        if level == "phrase" and "word" in tokens:
            words = tokens["word"].segmentation.boundaries
            return self._columns_of(tokens, "word")[np.searchsorted(words, starts)]
        # The first free column at or after each start is a running maximum plus the order.
        order = np.arange(starts.size)
        return np.maximum.accumulate(starts // FRAMES_PER_TOKEN - order) + order

    def _checked(self, columns: NDArray[np.generic]) -> Columns:
        """Validate columns, and convert them to int64 so that durations do not overflow."""
        if columns.ndim != 2 or len(columns) != len(self.rows) or columns.shape[1] == 0:
            raise TokenError(
                f"columns of shape {columns.shape}, but {len(self.rows)} rows are needed: "
                f"{', '.join(self.rows)}"
            )
        if not np.issubdtype(columns.dtype, np.integer):
            raise TokenError(f"columns must be integers, not {columns.dtype}")
        values: Columns = columns.astype(np.int64)
        wrong = (values < 0) | (values >= self.sizes[:, None])
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise TokenError(
                f"column {column}: {self.rows[row]} is {values[row, column]}, not in "
                f"0 to {self.sizes[row] - 1}"
            )
        return values

    def _used(self, columns: Columns, level: str) -> Columns:
        """Columns with a unit of a level, in which none of its rows may be idle."""
        rows = [*self._rows_of(level)]
        if level == self._timed:
            rows += [self._row("dur"), self._row("long")]
        active = columns[rows] != self.idle[rows][:, None]
        mixed = active.any(axis=0) != active.all(axis=0)
        if mixed.any():
            raise TokenError(
                f"column {mixed.argmax()}: {', '.join(self.rows[row] for row in rows)} "
                "must be idle together or not at all"
            )
        if not active.any():
            raise TokenError(f"no column has a unit of level {level!r}")
        return np.flatnonzero(active[0])


def delay(columns: ArrayLike, delays: Sequence[int], fill: ArrayLike) -> Columns:
    """Shift each row to the right, for multi-stream models.

    Step t of row r then belongs to time t - delays[r], so that a model that predicts all rows of a
    step in parallel is conditioned on the coarser rows of the same time (Copet et al., 2023,
    "Simple and controllable music generation").

    Parameters
    ----------
    columns : (R, N) int
        Aligned rows.
    delays : sequence of int, length R
        Shift of each row, from 0.
    fill : (R,) int
        Fill values: `ProsodyColumns.idle`, or a special token of the model.

    Returns
    -------
    (R, N + max(delays)) int64

    Raises
    ------
    TokenError
        If there is not one non-negative delay for each row.
    """
    rows = np.asarray(columns, dtype=np.int64)
    _check_delays(rows, delays, max(delays))
    moved = np.repeat(np.asarray(fill, dtype=np.int64)[:, None], rows.shape[1] + max(delays), 1)
    for row, by in enumerate(delays):
        moved[row, by : by + rows.shape[1]] = rows[row]
    return moved


def undelay(columns: ArrayLike, delays: Sequence[int]) -> Columns:
    """Inverse of `delay`, with the same parameters and errors."""
    rows = np.asarray(columns, dtype=np.int64)
    _check_delays(rows, delays, rows.shape[1])
    length = rows.shape[1] - max(delays)
    return np.stack([row[by : by + length] for row, by in zip(rows, delays, strict=True)])


def _check_delays(rows: Columns, delays: Sequence[int], longest: int) -> None:
    if len(delays) != len(rows) or min(delays) < 0 or max(delays) > longest:
        raise TokenError(f"delays {list(delays)} for columns of shape {rows.shape}")


def _phrase_edges(phrases: Columns, words: Columns, word_edges: Columns) -> Columns:
    """Edges of phrases, which start with the words in their columns."""
    unmatched = np.setdiff1d(phrases, words)
    if unmatched.size or phrases[0] != words[0]:
        column = unmatched[0] if unmatched.size else words[0]
        raise TokenError(
            f"column {column}: a phrase must start with a word, and the first word with a phrase"
        )
    return np.append(word_edges[np.searchsorted(words, phrases)], word_edges[-1])


def _frame_edges(used: Columns, num_frames: int | None) -> Columns:
    total = FRAMES_PER_TOKEN * used.size if num_frames is None else num_frames
    if used.size != -(-total // FRAMES_PER_TOKEN) or used[-1] != used.size - 1:
        raise TokenError(
            f"{used.size} columns up to {used[-1]} have frame tokens, but {total} frames need "
            f"the first {-(-total // FRAMES_PER_TOKEN)}"
        )
    return Segmentation.grid(total).boundaries
