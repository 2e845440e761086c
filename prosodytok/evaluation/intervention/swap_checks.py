"""Null effect of replacing a code by itself, and effect of other codes on decoded durations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from prosodytok.evaluation.intervention.code_swaps import Codebook, Swap
from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, ratio

#: Units of each codebook in which a code is replaced by itself; that must change nothing.
NULL_CHANGES = 20
#: Approximate number of units of each codebook with measured durations.
DURATION_CHANGES = 100


@dataclass(frozen=True)
class NullEffect:
    """Largest change of F0, energy and voicing (frames), over a number of changes."""

    f0_cents: float
    energy_db: float
    flips: float
    changes: int

    @classmethod
    def largest(cls, effects: Sequence[NullEffect]) -> NullEffect:
        """The largest of several effects, over all of their changes."""
        return cls(
            max(e.f0_cents for e in effects),
            max(e.energy_db for e in effects),
            max(e.flips for e in effects),
            sum(e.changes for e in effects),
        )


@dataclass(frozen=True)
class DurationEffect:
    """RMS change of decoded durations (octaves) in the changed unit and elsewhere."""

    level: str
    codebook: int
    changes: int
    inside_octaves: Interval
    outside_octaves: Interval


def null_effects(codebook: Codebook, swaps: Sequence[Swap]) -> Iterator[NullEffect]:
    """Change when a code is replaced by itself, in each of up to `NULL_CHANGES` units."""
    for swap in swaps[:NULL_CHANGES]:
        own = codebook.tokens[swap.utterance]
        code = int(own[codebook.level].codes[codebook.index, swap.unit])
        same = codebook.apply(swap, code)
        before, after = (codebook.tokenizer.decode(t) for t in (own, same))
        cents = 1200 * np.abs(np.log2(after.f0 / before.f0))
        energy = np.abs(after.energy - before.energy)
        flips = (after.voiced != before.voiced).sum()
        yield NullEffect(float(cents.max()), float(energy.max()), float(flips), 1)


def measure_duration_effect(codebook: Codebook, swaps: Sequence[Swap], seed: int) -> DurationEffect:
    """Effect of randomly drawn codes on decoded durations, with intervals over changes."""
    sums = []
    for swap in swaps[:: max(1, len(swaps) // DURATION_CHANGES)]:
        own = codebook.tokens[swap.utterance]
        other = codebook.apply(swap, swap.codes["random"])
        before, after = (codebook.tokenizer.decode_durations(t) for t in (own, other))
        start, end = own[codebook.level].segmentation.boundaries[swap.unit : swap.unit + 2]
        edges = own["word"].segmentation.boundaries
        inside = (edges[:-1] >= start) & (edges[1:] <= end)
        squares = np.log2(after / before) ** 2
        sums.append([squares[inside].sum(), inside.sum(), squares[~inside].sum(), (~inside).sum()])
    found = bootstrap(np.array(sums), [None] * len(sums), _octaves, seed=seed)
    return DurationEffect(codebook.level, codebook.index + 1, len(sums), **found)


def _octaves(sums: Floats) -> dict[str, Floats]:
    return {
        "inside_octaves": np.sqrt(ratio(sums[:, 0], sums[:, 1])),
        "outside_octaves": np.sqrt(ratio(sums[:, 2], sums[:, 3])),
    }
