"""Voicing coded as run lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .unigram_tables import UnigramTables

Voicing = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Longest run of one symbol (frames); longer runs are split by runs of length 0.
LONGEST = 255


@dataclass(frozen=True)
class RunCoder:
    """Run lengths coded by two tables, for the alternating unvoiced and voiced runs.

    The first run is unvoiced and may have length 0. The last is implied by the utterance's end.
    """

    tables: UnigramTables

    @classmethod
    def fit(cls, utterances: Sequence[Voicing]) -> RunCoder:
        """Fit to the run lengths of utterances."""
        runs = [to_runs(voiced)[:-1] for voiced in utterances]
        by_kind = [np.concatenate([r[kind::2] for r in runs]) for kind in (0, 1)]
        tables = [UnigramTables.fit(c[None], [LONGEST + 1]).lengths[0] for c in by_kind]
        return cls(UnigramTables(tuple(tables)))

    def bits(self, runs: Ints) -> float:
        """Bits of the runs of an utterance; its end implies their number."""
        coded = runs[:-1]
        return sum(float(t[coded[kind::2]].sum()) for kind, t in enumerate(self.tables.lengths))

    def state(self) -> dict[str, NDArray[Any]]:
        """Tables as arrays."""
        return self.tables.state()

    @classmethod
    def load(cls, state: Mapping[str, NDArray[Any]]) -> RunCoder:
        """Restore the arrays of `state`."""
        return cls(UnigramTables.load(state))


def to_runs(voiced: Voicing) -> Ints:
    """Lengths of the runs of voicing (T,), starting with an unvoiced one."""
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
    """Inverse of `to_runs`."""
    return np.repeat(np.arange(runs.size) % 2 == 1, runs)


def without_short_runs(voiced: Voicing, shortest: int) -> Voicing:
    """Merge runs of less than `shortest` frames with their neighbours, the shortest first."""
    voiced = voiced.copy()
    while True:
        edges = np.flatnonzero(np.diff(voiced)) + 1
        inner = np.diff(edges)
        if inner.size == 0 or inner.min() >= shortest:
            return voiced
        index = int(inner.argmin())
        voiced[edges[index] : edges[index + 1]] ^= True
