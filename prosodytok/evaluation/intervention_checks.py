"""Beside the changes of codes: the same code again, and what changes do to durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from prosodytok.evaluation.bootstrap import Floats, Interval, bootstrap
from prosodytok.evaluation.prosody import ratio
from prosodytok.evaluation.swaps import Swap, with_code
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens

#: Units of each codebook whose code is replaced by itself: that must change nothing.
NULLS = 20
#: Units of each codebook whose durations are looked at.
TIMED = 100
#: Standard deviations that 95 % of a normal distribution lie within.
DEVIATIONS = 1.96


def share(count: float, total: int) -> Interval:
    """A share with its 95 % interval by Wilson (1927), which holds at 0 and 1 too."""
    squared = DEVIATIONS**2
    value = count / total
    centre = (count + squared / 2) / (total + squared)
    half = DEVIATIONS * (value * (1 - value) * total + squared / 4) ** 0.5 / (total + squared)
    return Interval(value, max(0.0, centre - half), min(1.0, centre + half))


def null_changes(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    level: str,
    book: int,
    swaps: Sequence[Swap],
) -> list[dict[str, float]]:
    """Largest changes when a code is replaced by itself: ``f0_cents``, ``energy_db``, ``flips``."""
    found = []
    for swap in swaps[:NULLS]:
        own = tokens[swap.utterance]
        before = tokenizer.decode(own)
        code = int(own[level].codes[book, swap.unit])
        after = tokenizer.decode(with_code(own, level, book, swap.unit, code))
        cents = 1200 * np.abs(np.log2(after.f0 / before.f0))
        found.append(
            {
                "f0_cents": float(cents.max()),
                "energy_db": float(np.abs(after.energy - before.energy).max()),
                "flips": float((after.voiced != before.voiced).sum()),
            }
        )
    return found


def duration_changes(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    level: str,
    book: int,
    swaps: Sequence[Swap],
    seed: int,
) -> dict[str, Any]:
    """Root mean square change of the durations that codes say (octaves), with 95 % intervals.

    ``inside_octaves`` is over the words of the changed unit, ``outside_octaves`` over all others.
    """
    sums = []
    for swap in swaps[:: max(1, len(swaps) // TIMED)]:
        own = tokens[swap.utterance]
        other = with_code(own, level, book, swap.unit, swap.codes["random"])
        said, changed = (tokenizer.decode_durations(t) for t in (own, other))
        start, end = own[level].segmentation.boundaries[swap.unit : swap.unit + 2]
        edges = own["word"].segmentation.boundaries
        inside = (edges[:-1] >= start) & (edges[1:] <= end)
        squares = np.log2(changed / said) ** 2
        sums.append([squares[inside].sum(), inside.sum(), squares[~inside].sum(), (~inside).sum()])
    found = bootstrap(np.array(sums), [None] * len(sums), _octaves, seed=seed)
    return {"changes": len(sums)} | {name: asdict(value) for name, value in found.items()}


def _octaves(sums: Floats) -> dict[str, Floats]:
    return {
        "inside_octaves": np.sqrt(ratio(sums[:, 0], sums[:, 1])),
        "outside_octaves": np.sqrt(ratio(sums[:, 2], sums[:, 3])),
    }
