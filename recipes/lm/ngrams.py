"""N-gram baselines of the language model.

A plain n-gram predicts a token from the n - 1 preceding tokens of its stage (phrase, word or frame)
in the order of the language model. It is given the kind of the token (break, phrase code, duration,
...) and whether it belongs to a pause, but no text. Smoothing is interpolated Witten-Bell (Witten
and Bell 1991) or interpolated Kneser-Ney (Chen and Goodman 1999).

The informed mixture is also given the tokens of coarser stages and the position of the token in its
unit. It mixes all plain orders with chains of such contexts, with weights for each kind of token
that expectation maximisation fits to held-out speech.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from prosodytok.lm import LMConfig, LMUtterance
from prosodytok.lm.stage_sequences import stage_sequence, stage_specs

ORDERS = 5
DISCOUNT = 0.75
EM_STEPS = 30
Context = tuple[int, ...]
Smoothing = Literal["witten-bell", "kneser-ney"]


@dataclass(frozen=True)
class Token:
    """A token: kind, value below `size`, preceding values, and further chains of contexts."""

    kind: str
    value: int
    size: int
    history: Context
    contexts: tuple[Context, ...]


def tokens_of(name: str, script: LMUtterance, config: LMConfig) -> list[Token]:
    """Tokens of one stage of an utterance."""
    items, history, tokens = stage_sequence(name, script, config), (-1,) * ORDERS, []
    sizes = stage_specs(config)[name].fields
    previous = (-1,) * len(sizes)
    for word, conditions, fields in zip(items.words, items.conditions, items.fields, strict=True):
        given, values = conditions.tolist(), tuple(fields.tolist())
        for number, (field, size) in enumerate(sizes.items()):
            if values[number] < 0:
                continue
            before = values[:number][::-1]
            contexts = _contexts(name, before, previous, given)
            kind = field if name == "phrase" or word else f"{field} of a pause"
            tokens.append(Token(kind, values[number], size, history[::-1][: ORDERS - 1], contexts))
            history = (*history, values[number])[-ORDERS:]
        previous = values
    return tokens


def _contexts(
    name: str, before: Context, previous: Context, given: list[int]
) -> tuple[Context, ...]:
    """Chains of contexts, most informative first, of a token after the fields `before` it."""
    _, start, end, *coarser = given
    last = previous[len(before)]
    if name == "frame":
        _, duration, *codes = coarser
        place = (min(start, 8), min(end, 4))
        return ((last, *codes), (*place, *codes), (last, *place, *codes), (last, duration, *place))
    position = (min(end, 4), min(start, 4))
    return ((*before, last), (*before, *coarser, last), (*before, *position, last))


class Chain:
    """Predictions from the first 0, 1, 2, ... values of a context.

    Each is interpolated with the next shorter one, and the first with the uniform distribution.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        self.kneser_ney = smoothing == "kneser-ney"
        self.counts: dict[tuple, Counter[int]] = defaultdict(Counter)
        self.totals: Counter[tuple] = Counter()

    def add(self, kind: str, context: Context, value: int) -> None:
        """Count a token; in shorter contexts, Kneser-Ney counts the longer contexts only."""
        for length in range(len(context), -1, -1):
            key = (kind, context[:length])
            self.counts[key][value] += 1
            self.totals[key] += 1
            if self.kneser_ney and self.counts[key][value] > 1:
                return

    def predict(self, kind: str, context: Context, value: int, size: int) -> list[float]:
        """Probabilities of a token for contexts of increasing length."""
        probabilities, shorter = [], 1 / size
        for length in range(len(context) + 1):
            key = (kind, context[:length])
            total = self.totals.get(key, 0)
            if total:
                seen, types = self.counts[key].get(value, 0), len(self.counts[key])
                if self.kneser_ney:
                    shorter = (max(seen - DISCOUNT, 0) + DISCOUNT * types * shorter) / total
                else:
                    shorter = (seen + types * shorter) / (total + types)
            probabilities.append(shorter)
        return probabilities


class Ngrams:
    """Plain n-grams of all orders with one smoothing."""

    def __init__(self, train: list[Token], smoothing: Smoothing) -> None:
        # The shorter contexts of Kneser-Ney depend on the order, so each order has its own counts.
        self.chains = [Chain(smoothing) for _ in range(ORDERS)]
        for token in train:
            for order, chain in enumerate(self.chains):
                chain.add(token.kind, token.history[:order], token.value)

    def predict(self, tokens: list[Token]) -> np.ndarray:
        """Probabilities (T, orders) of tokens."""
        return np.array(
            [
                [
                    chain.predict(x.kind, x.history[:order], x.value, x.size)[-1]
                    for order, chain in enumerate(self.chains)
                ]
                for x in tokens
            ]
        )


class Mixture:
    """Informed mixture."""

    def __init__(self, train: list[Token], held_out: list[Token]) -> None:
        self.chains: dict[tuple[str, int], Chain] = defaultdict(lambda: Chain("witten-bell"))
        for x in train:
            for number, context in enumerate((x.history, *x.contexts)):
                self.chains[x.kind, number].add(x.kind, context, x.value)
        by_kind = defaultdict(list)
        for x in held_out:
            by_kind[x.kind].append(self._experts(x))
        self.weights = {kind: _weights(np.array(rows)) for kind, rows in by_kind.items()}

    def predict(self, tokens: list[Token]) -> np.ndarray:
        """Probabilities (T,) of tokens."""
        return np.array([np.dot(self._experts(x), self.weights[x.kind]) for x in tokens])

    def _experts(self, x: Token) -> list[float]:
        return [
            probability
            for number, context in enumerate((x.history, *x.contexts))
            for probability in self.chains[x.kind, number].predict(x.kind, context, x.value, x.size)
        ]


def _weights(predicted: np.ndarray) -> np.ndarray:
    weights = np.full(predicted.shape[1], 1 / predicted.shape[1])
    for _ in range(EM_STEPS):
        shares = predicted * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights
