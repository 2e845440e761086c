"""Voicing as the lengths of its runs: what it costs where only its edges are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .entropy import UnigramTables

Voicing = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: The longest run of one symbol (frames); a longer one is cut, with runs of no length between.
LONGEST = 255


@dataclass(frozen=True)
class RunCoder:
    """Run lengths by two tables, of unvoiced and of voiced runs, which take turns.

    The first run is unvoiced, and may have no length. The last is left to the utterance's end.

    Parameters
    ----------
    tables : UnigramTables
        Code lengths of unvoiced and of voiced runs.
    """

    tables: UnigramTables

    @classmethod
    def fit(cls, utterances: Sequence[Voicing]) -> RunCoder:
        """Count the run lengths of utterances."""
        runs = [to_runs(voiced)[:-1] for voiced in utterances]
        counted = [np.concatenate([r[turn::2] for r in runs]) for turn in (0, 1)]
        tables = [UnigramTables.fit(c[None], [LONGEST + 1]).lengths[0] for c in counted]
        return cls(UnigramTables(tuple(tables)))

    def bits(self, runs: Ints) -> float:
        """Bits of the runs of an utterance; how many there are is told by its end."""
        coded = runs[:-1]
        return sum(float(t[coded[turn::2]].sum()) for turn, t in enumerate(self.tables.lengths))

    def state(self) -> dict[str, NDArray[Any]]:
        """The tables as arrays."""
        return self.tables.state()

    @classmethod
    def load(cls, state: Mapping[str, NDArray[Any]]) -> RunCoder:
        """Take what `state` gave."""
        return cls(UnigramTables.load(state))


def to_runs(voiced: Voicing) -> Ints:
    """Lengths of the runs of voicing (T,), an unvoiced one first."""
    edges = np.flatnonzero(np.diff(voiced)) + 1
    lengths = np.diff(np.concatenate([[0], edges, [voiced.size]]))
    runs = [0] if voiced[0] else []
    for length in lengths.tolist():
        while length > LONGEST:
            runs += [LONGEST, 0]
            length -= LONGEST
        runs.append(length)
    return np.array(runs, dtype=np.int64)


def from_runs(runs: Ints) -> Voicing:
    """Undo `to_runs`."""
    return np.repeat(np.arange(runs.size) % 2 == 1, runs)


def without_short_runs(voiced: Voicing, shortest: int) -> Voicing:
    """Give runs of less than `shortest` frames, the shortest first, to their neighbours."""
    voiced = voiced.copy()
    while True:
        edges = np.flatnonzero(np.diff(voiced)) + 1
        inner = np.diff(edges)
        if inner.size == 0 or inner.min() >= shortest:
            return voiced
        index = int(inner.argmin())
        voiced[edges[index] : edges[index + 1]] ^= True
