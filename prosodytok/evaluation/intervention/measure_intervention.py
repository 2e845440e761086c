"""Effect of replaced codes on the decoded prosody: stream, location and size of the change.

Codecs have been found with prosody codes that change nothing in the decoded speech; a probe on the
codes does not detect that, an intervention does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from prosodytok.evaluation.intervention import swap_checks
from prosodytok.evaluation.intervention.code_swaps import (
    CHOICES,
    Choice,
    Codebook,
    Swap,
    draw_swaps,
)
from prosodytok.evaluation.intervention.swap_effect import effect_statistics, effect_sums
from prosodytok.evaluation.stats.bootstrap import Interval, bootstrap, wilson_interval
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import ProsodytokError

#: Default limit of the units changed in each codebook.
MAX_CHANGES = 200

#: Index of the utterance and effect sums of each change.
Effects = list[tuple[int, dict[str, float]]]


@dataclass(frozen=True)
class SwapEffect:
    """Effect of other codes in one codebook, counted from 1.

    `unit_ms` is the mean duration of the changed units; `levels_heard` are the decoded levels,
    "all" or the "prefix" down to the changed one; `choice` is that of the other code; for the
    measures see `effect_statistics`.
    """

    level: str
    codebook: int
    changes: int
    unit_ms: float
    levels_heard: str
    choice: Choice
    measures: dict[str, Interval]


@dataclass(frozen=True)
class Intervention:
    """Effects of replaced codes on decoded prosody, and on decoded durations."""

    swaps: list[SwapEffect]
    durations: list[swap_checks.DurationEffect]
    null: swap_checks.NullEffect

    def to_dict(self) -> dict[str, Any]:
        """``intervention`` in evaluation.json: measures of a swap beside its other fields."""
        fields = asdict(self)
        for swap in fields["swaps"]:
            swap |= swap.pop("measures")
        return fields


def measure_intervention(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    *,
    seed: int = 0,
    max_changes: int = MAX_CHANGES,
) -> Intervention:
    """Replace single codes and measure the change of the decoded prosody.

    In each codebook of each level up to `max_changes` units are changed, with a code drawn by its
    frequency in the corpus (``"random"``) and with the code of the most distant embedding
    (``"farthest"``), decoded with all levels (``"all"``) and without finer ones (``"prefix"``).
    Intervals are by a bootstrap over utterances, that of ``"unchanged"`` is Wilson's. The tokens
    have the same levels; `ProsodytokError` is raised if there are none.
    """
    if not tokens:
        raise ProsodytokError("no tokens: there are no codes to replace")
    rng = np.random.default_rng(seed)
    effects: list[SwapEffect] = []
    durations: list[swap_checks.DurationEffect] = []
    nulls: list[swap_checks.NullEffect] = []
    for name in tokens[0].names:
        for book in range(len(tokens[0][name].codebook_sizes)):
            codebook = Codebook(tokenizer, tokens, name, book)
            swaps = draw_swaps(codebook, max_changes, rng)
            effects += _swap_effects(codebook, swaps, seed)
            nulls += swap_checks.null_effects(codebook, swaps)
            if {"phrase", "word"} <= set(tokens[0].names) and name != "frame":
                durations.append(swap_checks.measure_duration_effect(codebook, swaps, seed))
    return Intervention(effects, durations, swap_checks.NullEffect.largest(nulls))


def _swap_effects(codebook: Codebook, swaps: Sequence[Swap], seed: int) -> Iterator[SwapEffect]:
    """Effects with all levels, and with those down to that of the codebook if it is coarser."""
    level, names = codebook.level, codebook.tokens[0].names
    prefix = names[: names.index(level) + 1]
    unit_ms = _unit_ms(codebook, swaps)
    for decoded, levels in {"all": names, "prefix": prefix}.items():
        if decoded == "all" or levels != names:
            selected = replace(codebook, tokens=[t.select(levels) for t in codebook.tokens])
            for choice, rows in _effects(selected, swaps).items():
                yield SwapEffect(
                    level,
                    codebook.index + 1,
                    len(swaps),
                    unit_ms,
                    decoded,
                    choice,
                    _summarize(rows, seed),
                )


def _effects(codebook: Codebook, swaps: Sequence[Swap]) -> dict[Choice, Effects]:
    effects: dict[Choice, Effects] = {choice: [] for choice in CHOICES}
    last = -1
    for swap in swaps:
        own = codebook.tokens[swap.utterance]
        if swap.utterance != last:  # decoded once per utterance
            last, before = swap.utterance, codebook.tokenizer.decode(own)
        edges = own[codebook.level].segmentation.boundaries[swap.unit : swap.unit + 2]
        for choice, code in swap.codes.items():
            after = codebook.tokenizer.decode(codebook.apply(swap, code))
            row = effect_sums(before, after, int(edges[0]), int(edges[1]))
            effects[choice].append((swap.utterance, row))
    return effects


def _unit_ms(codebook: Codebook, swaps: Sequence[Swap]) -> float:
    pairs = [(codebook.tokens[swap.utterance], swap.unit) for swap in swaps]
    lengths = [t[codebook.level].segmentation.durations[i] / t.frame_rate for t, i in pairs]
    return 1000 * float(np.mean(lengths))


def _summarize(rows: Effects, seed: int) -> dict[str, Interval]:
    names = list(rows[0][1])
    _, owner = np.unique([utterance for utterance, _ in rows], return_inverse=True)
    sums = np.zeros((int(owner.max()) + 1, len(names)))
    np.add.at(sums, owner, np.array([list(row.values()) for _, row in rows]))
    found = bootstrap(sums, [None] * len(sums), partial(effect_statistics, names), seed=seed)
    # The bootstrap of an event that never occurs has an interval of zero width.
    count = sum(row["unchanged"] for _, row in rows)
    return found | {"unchanged": wilson_interval(count, len(rows))}
