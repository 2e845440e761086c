"""Do the codes do what they are for? Change one, decode, and see what moves, where and how far.

Codecs have been found whose prosody codes change nothing that is decoded; a probe on the codes
cannot tell, a change of them can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from prosodytok.evaluation.bootstrap import bootstrap
from prosodytok.evaluation.intervention_checks import duration_changes, null_changes, share
from prosodytok.evaluation.intervention_effect import effect, statistics
from prosodytok.evaluation.intervention_table import intervention_table
from prosodytok.evaluation.swaps import CHOICES, Swap, draw_swaps, with_code
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody

#: Units changed in each codebook.
MOST = 200

Effects = list[tuple[int, dict[str, float]]]


def measure_intervention(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    *,
    seed: int = 0,
    most: int = MOST,
) -> dict[str, Any]:
    """Replace single codes and measure what that does to the decoded prosody.

    Each codebook of each level is tried on up to `most` units, with a code drawn as the corpus uses
    it (``"random"``) and with the one whose embedding is the least like the unit's own
    (``"farthest"``), heard with all levels (``"all"``) and with no finer ones (``"prefix"``).

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The tokenizer.
    tokens : sequence of ProsodyTokens
        Its tokens of a corpus, with the same levels.
    seed : int
        Of what is drawn and of the intervals.
    most : int
        Units changed in each codebook.

    Returns
    -------
    dict
        ``"swaps"``: a list with ``"level"``, ``"codebook"`` (from 1), ``"levels_heard"``,
        ``"choice"``, ``"changes"`` (how many), ``"unit_ms"`` (their mean length) and the measures
        of `intervention_effect.statistics`, each with its 95 % interval by a bootstrap over
        utterances (``"unchanged"``: by Wilson's). ``"null"``: the largest change when a code is
        replaced by itself.
        ``"durations"``: what codes do to the durations that they say. ``"table"``: Markdown.

    Raises
    ------
    ProsodytokError
        If there are no tokens.
    """
    if not tokens:
        raise ProsodytokError("there are no tokens whose codes could be changed")
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {"swaps": [], "durations": []}
    nulls: list[dict[str, float]] = []
    for name in tokens[0].names:
        for book in range(len(tokens[0][name].codebook_sizes)):
            swaps = draw_swaps(tokenizer, tokens, name, book, most, rng)
            where = {"level": name, "codebook": book + 1, "changes": len(swaps)}
            where["unit_ms"] = _unit_ms(tokens, name, swaps)
            for heard, effects in _heard(tokenizer, tokens, name, book, swaps):
                for choice, rows in effects.items():
                    measures = _summarise(rows, seed)
                    kind = {"levels_heard": heard, "choice": choice}
                    found["swaps"].append(where | kind | measures)
            nulls += null_changes(tokenizer, tokens, name, book, swaps)
            if {"phrase", "word"} <= set(tokens[0].names) and name != "frame":
                said = duration_changes(tokenizer, tokens, name, book, swaps, seed)
                found["durations"].append({"level": name, "codebook": book + 1} | said)
    found["null"] = {k: max(n[k] for n in nulls) for k in nulls[0]} | {"changes": len(nulls)}
    found["table"] = intervention_table(found)
    return found


def _heard(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    level: str,
    book: int,
    swaps: Sequence[Swap],
) -> Iterator[tuple[str, dict[str, Effects]]]:
    """Effects of the swaps with all levels, and with those down to their own where they differ."""
    names = tokens[0].names
    prefix = names[: names.index(level) + 1]
    for heard, levels in {"all": names, "prefix": prefix}.items():
        if heard == "all" or levels != names:
            heard_tokens = [t.select(levels) for t in tokens]
            yield heard, _effects(tokenizer, heard_tokens, level, book, swaps)


def _effects(
    tokenizer: ProsodyTokenizer,
    tokens: Sequence[ProsodyTokens],
    level: str,
    book: int,
    swaps: Sequence[Swap],
) -> dict[str, Effects]:
    effects: dict[str, Effects] = {choice: [] for choice in CHOICES}
    for swap, own, before in _before(tokenizer, tokens, swaps):
        edges = own[level].segmentation.boundaries[swap.unit : swap.unit + 2]
        for choice, code in swap.codes.items():
            after = tokenizer.decode(with_code(own, level, book, swap.unit, code))
            row = effect(before, after, int(edges[0]), int(edges[1]))
            effects[choice].append((swap.utterance, row))
    return effects


def _before(
    tokenizer: ProsodyTokenizer, tokens: Sequence[ProsodyTokens], swaps: Sequence[Swap]
) -> Iterator[tuple[Swap, ProsodyTokens, Prosody]]:
    """Each swap with its tokens and what they decode to, decoded once an utterance."""
    last = -1
    for swap in swaps:
        if swap.utterance != last:
            last, before = swap.utterance, tokenizer.decode(tokens[swap.utterance])
        yield swap, tokens[swap.utterance], before


def _unit_ms(tokens: Sequence[ProsodyTokens], level: str, swaps: Sequence[Swap]) -> float:
    lengths = [
        tokens[s.utterance][level].segmentation.durations[s.unit] / tokens[s.utterance].frame_rate
        for s in swaps
    ]
    return 1000 * float(np.mean(lengths))


def _summarise(rows: Effects, seed: int) -> dict[str, Any]:
    names = list(rows[0][1])
    _, owner = np.unique([utterance for utterance, _ in rows], return_inverse=True)
    sums = np.zeros((int(owner.max()) + 1, len(names)))
    np.add.at(sums, owner, np.array([list(row.values()) for _, row in rows]))
    found = bootstrap(sums, [None] * len(sums), partial(statistics, names), seed=seed)
    # A bootstrap of what never happened says that it never can.
    count = sum(row["unchanged"] for _, row in rows)
    return {name: asdict(i) for name, i in (found | {"unchanged": share(count, len(rows))}).items()}
