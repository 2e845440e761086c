"""Tokens in step with a codec: one column for each of its frames, 12.5 a second.

Mimi (Défossez et al., 2024, "Moshi") and other codecs of this rate give one column of codes for
each 80 ms. `ProsodyColumns` gives one column of prosody beside it, for models that read and write
several streams at once: a row for each codebook of each level, and two for durations. ::

    column        0    1    2    3    4    5
    phrase_0     17    .    .    .    .    .     where a phrase begins
    word_0        3    .    9    .    .    .     where a word begins
    word_1       30    .   11    .    .    .
    dur          14    .   36    .    .    .     frames of 10 ms, less one, modulo 100 ...
    long          0    .    0    .    .    .     ... and in hundreds
    frame_0     210  198   71  305    4    .     every 80 ms

- ``.`` is idle, the last value of each row (its size less one).
- A word stands in the column in which it begins; where another word has taken that one, in the next
  free one. A phrase stands with its first word. So a model knows of a word before its frames come,
  and later columns never change what an earlier one meant.
- Durations place the units to 10 ms, so that the round trip is exact. Where there is no word level
  they are the phrases', and of frame tokens alone there are none.
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
    """Writes and reads columns; the module's page says what stands in them.

    Parameters
    ----------
    codebook_sizes : mapping of str to tuple of int
        For each level ("phrase", "word", "frame", or some of them) the sizes of its K codebooks.

    Attributes
    ----------
    rows : tuple of str, length R
        Names of the rows, top to bottom.
    sizes : (R,) int64
        How many values each row can have, idle included.

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
        """The columns of the levels and codebooks that these tokens have."""
        return cls({level.name: level.codebook_sizes for level in tokens.levels})

    @property
    def idle(self) -> Columns:
        """The value of each row that says nothing, shape (R,)."""
        return self.sizes - 1

    def to_columns(self, tokens: ProsodyTokens, num_columns: int | None = None) -> Columns:
        """Write tokens, all of whose levels are these.

        Parameters
        ----------
        tokens : ProsodyTokens
            The utterance, T frames.
        num_columns : int, optional
            Columns to fill, such as the codec's frames; by default as many as are needed. Mimi has
            ceil(12.5 * seconds), which is ceil(T / 8) or, where T was rounded down, one more.

        Returns
        -------
        (R, N) int64
            One column for each 80 ms; idle beyond the utterance.

        Raises
        ------
        TokenError
            If levels or codebooks are others, frame tokens are off their grid, a unit lasts longer
            than 100 s, or the columns are too few.
        """
        self._alphabet.check(tokens)
        if set(tokens.names) != set(self._alphabet.codebook_sizes):
            raise TokenError(
                f"columns of {', '.join(self._alphabet.codebook_sizes)} need just these levels, "
                f"and the tokens have {', '.join(tokens.names)}"
            )
        check_grid(tokens)
        places = {name: self._places(tokens, name) for name in tokens.names}
        needed = max(int(at[-1]) + 1 for at in places.values())
        needed = max(needed, -(-tokens.num_frames // FRAMES_PER_TOKEN))
        if num_columns is not None and num_columns < needed:
            raise TokenError(f"{num_columns} columns are too few: the tokens need {needed}")
        columns = np.repeat(self.idle[:, None], num_columns or needed, axis=1)
        for name, at in places.items():
            columns[self._rows_of(name)[:, None], at] = tokens[name].codes
        if timed := self._timed:
            durations = tokens[timed].segmentation.durations - 1
            if (durations >= DURATION_BASE**2).any():
                raise TokenError("a unit of more than 100 s is longer than columns can say")
            columns[self._row("dur"), places[timed]] = durations % DURATION_BASE
            columns[self._row("long"), places[timed]] = durations // DURATION_BASE
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
            What `to_columns` wrote, or a model.
        register : Register
            The voice to speak with, which no stream holds.
        labels : mapping of str to sequence of str, optional
            Words of the units of a level, by its name.
        num_frames : int, optional
            Frames T of the utterance, where there are frame tokens alone; by default whole cells.

        Raises
        ------
        TokenError
            If the columns have another shape, hold what no row can have, or contradict each other;
            the message names the column.
        """
        try:
            found = self._checked(np.asarray(columns))
        except ValueError as error:
            raise TokenError(f"columns are a table of whole numbers ({error})") from error
        used = {n: self._used(found, n) for n in self._alphabet.codebook_sizes}
        edges: dict[str, Columns] = {}
        if timed := self._timed:
            hundreds, rest = found[self._row("long")], found[self._row("dur")]
            durations = (hundreds * DURATION_BASE + rest + 1)[used[timed]]
            edges[timed] = np.append(0, np.cumsum(durations))
            num_frames = int(edges[timed][-1])
        if "word" in used and "phrase" in used:
            edges["phrase"] = _edges_of_phrases(used["phrase"], used["word"], edges["word"])
        if "frame" in used:
            edges["frame"] = _edges_of_cells(used["frame"], num_frames)
        levels = tuple(
            self._alphabet.level(
                name, found[self._rows_of(name)][:, at], edges[name], (labels or {}).get(name)
            )
            for name, at in used.items()
        )
        return ProsodyTokens(levels, register, levels[0].segmentation.num_frames)

    @property
    def _timed(self) -> str | None:
        """The level whose durations are told."""
        return next((n for n in ("word", "phrase") if n in self._alphabet.codebook_sizes), None)

    def _duration_rows(self) -> dict[str, int]:
        return dict.fromkeys(("dur", "long"), DURATION_BASE) if self._timed else {}

    def _row(self, name: str) -> int:
        return self.rows.index(name)

    def _rows_of(self, level: str) -> Columns:
        books = range(len(self._alphabet.codebook_sizes[level]))
        return np.array([self._row(f"{level}_{book}") for book in books])

    def _places(self, tokens: ProsodyTokens, level: str) -> Columns:
        """The column of each unit of a level."""
        starts = tokens[level].segmentation.boundaries[:-1]
        if level == "phrase" and "word" in tokens:
            words = tokens["word"].segmentation.boundaries
            return self._places(tokens, "word")[np.searchsorted(words, starts)]
        # The first free column at or after each start: what is left of it is a running maximum.
        order = np.arange(starts.size)
        return np.maximum.accumulate(starts // FRAMES_PER_TOKEN - order) + order

    def _checked(self, columns: NDArray[np.generic]) -> Columns:
        """The same numbers as int64: smaller types cannot hold a duration."""
        if columns.ndim != 2 or len(columns) != len(self.rows) or columns.shape[1] == 0:
            raise TokenError(
                f"columns of shape {columns.shape}, and {len(self.rows)} rows are needed: "
                f"{', '.join(self.rows)}"
            )
        if not np.issubdtype(columns.dtype, np.integer):
            raise TokenError(f"columns are whole numbers, not {columns.dtype}")
        values: Columns = columns.astype(np.int64)
        wrong = (values < 0) | (values >= self.sizes[:, None])
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise TokenError(
                f"column {column}: {self.rows[row]} is {values[row, column]}, and can be "
                f"0 to {self.sizes[row] - 1}"
            )
        return values

    def _used(self, columns: Columns, level: str) -> Columns:
        """The columns that hold a unit of a level, which all its rows must agree on."""
        rows = [*self._rows_of(level)]
        if level == self._timed:
            rows += [self._row("dur"), self._row("long")]
        spoken = columns[rows] != self.idle[rows][:, None]
        mixed = spoken.any(axis=0) != spoken.all(axis=0)
        if mixed.any():
            raise TokenError(
                f"column {mixed.argmax()}: {', '.join(self.rows[row] for row in rows)} "
                "must be idle together or not at all"
            )
        if not spoken.any():
            raise TokenError(f"no column holds a unit of level {level!r}")
        return np.flatnonzero(spoken[0])


def delay(columns: ArrayLike, delays: Sequence[int], fill: ArrayLike) -> Columns:
    """Move each row to the right, as multi-stream models want it.

    Copet et al. (2023), "Simple and controllable music generation": row r of step t is what is said
    of time t - delays[r], so that a model that writes all rows of a step at once still knows the
    coarser ones of the same time.

    Parameters
    ----------
    columns : (R, N) int
        Rows in step.
    delays : sequence of int, length R
        Columns to move each row by, from 0.
    fill : (R,) int
        What stands where nothing is: `ProsodyColumns.idle`, or a token of the model's own.

    Returns
    -------
    (R, N + max(delays)) int64

    Raises
    ------
    TokenError
        If there is not one delay, 0 or more, for each row.
    """
    rows = np.asarray(columns, dtype=np.int64)
    _check_delays(rows, delays, max(delays))
    moved = np.repeat(np.asarray(fill, dtype=np.int64)[:, None], rows.shape[1] + max(delays), 1)
    for row, by in enumerate(delays):
        moved[row, by : by + rows.shape[1]] = rows[row]
    return moved


def undelay(columns: ArrayLike, delays: Sequence[int]) -> Columns:
    """Move rows back in step: the opposite of `delay`, with its parameters and errors."""
    rows = np.asarray(columns, dtype=np.int64)
    _check_delays(rows, delays, rows.shape[1])
    length = rows.shape[1] - max(delays)
    return np.stack([row[by : by + length] for row, by in zip(rows, delays, strict=True)])


def _check_delays(rows: Columns, delays: Sequence[int], longest: int) -> None:
    if len(delays) != len(rows) or min(delays) < 0 or max(delays) > longest:
        raise TokenError(f"delays {list(delays)} for columns of shape {rows.shape}")


def _edges_of_phrases(phrases: Columns, words: Columns, word_edges: Columns) -> Columns:
    """Phrases begin with the words in whose columns they stand."""
    lost = np.setdiff1d(phrases, words)
    if lost.size or phrases[0] != words[0]:
        column = lost[0] if lost.size else words[0]
        raise TokenError(
            f"column {column}: a phrase begins with a word, and the first word with it"
        )
    return np.append(word_edges[np.searchsorted(words, phrases)], word_edges[-1])


def _edges_of_cells(cells: Columns, num_frames: int | None) -> Columns:
    total = FRAMES_PER_TOKEN * cells.size if num_frames is None else num_frames
    if cells.size != -(-total // FRAMES_PER_TOKEN) or cells[-1] != cells.size - 1:
        raise TokenError(
            f"{cells.size} columns up to {cells[-1]} hold frame tokens, and {total} frames need "
            f"the first {-(-total // FRAMES_PER_TOKEN)}"
        )
    return Segmentation.grid(total).boundaries
