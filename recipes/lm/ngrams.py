"""What the language model is held against: n-grams of the same tokens.

A plain n-gram predicts a token from the n - 1 tokens before it in its stream, phrase, word or frame
tokens in the order in which the model says them. It knows of which kind the next token is (break,
phrase code, duration, ...) and whether it belongs to a pause, and it sees no text. Two smoothings:
interpolated Witten-Bell (Witten and Bell 1991) and interpolated Kneser-Ney (Chen and Goodman 1999).

The informed mixture sees more: for each token also what coarser stages have said and where in its
unit it stands. It mixes all plain orders with chains of such contexts, by weights that expectation
maximisation fits to held-out speech for each kind of token.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from prosodytok.lm import LMConfig, Script
from prosodytok.lm.items import kinds
from prosodytok.lm.model import ITEMS

ORDERS = 5
DISCOUNT = 0.75
EM_STEPS = 30
Context = tuple[int, ...]
Smoothing = Literal["witten-bell", "kneser-ney"]


@dataclass(frozen=True)
class Token:
    """One token: its kind, its value of so many, and chains of contexts, each of growing length."""

    kind: str
    value: int
    size: int
    history: Context
    told: tuple[Context, ...]


def tokens_of(name: str, script: Script, config: LMConfig) -> list[Token]:
    """The stream of one stage of an utterance."""
    items, history, tokens = ITEMS[name](script, config), (-1,) * ORDERS, []
    sizes = kinds(config)[name].fields
    previous = (-1,) * len(sizes)
    for word, conditions, fields in zip(items.words, items.conditions, items.fields, strict=True):
        known, said = conditions.tolist(), tuple(fields.tolist())
        for number, (field, size) in enumerate(sizes.items()):
            if said[number] < 0:
                continue
            own = said[:number][::-1]
            told = _told(name, own, previous, known)
            kind = field if name == "phrase" or word else f"{field} of a pause"
            tokens.append(Token(kind, said[number], size, history[::-1][: ORDERS - 1], told))
            history = (*history, said[number])[-ORDERS:]
        previous = said
    return tokens


def _told(name: str, own: Context, previous: Context, known: list[int]) -> tuple[Context, ...]:
    """Chains of contexts, the most telling first, for a token after its item's `own` fields."""
    _, start, end, *coarser = known
    last = previous[len(own)]
    if name == "frame":
        _, duration, *codes = coarser
        place = (min(start, 8), min(end, 4))
        return ((last, *codes), (*place, *codes), (last, *place, *codes), (last, duration, *place))
    return ((*own, last), (*own, *coarser, last), (*own, min(end, 4), min(start, 4), last))


class Chain:
    """Predictions from the first 0, 1, 2, ... numbers of a context.

    Each is backed off to the one before, and the first to the uniform distribution.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        self.kneser_ney = smoothing == "kneser-ney"
        self.counts: dict[tuple, Counter[int]] = defaultdict(Counter)
        self.totals: Counter[tuple] = Counter()

    def add(self, kind: str, context: Context, value: int) -> None:
        """Count a token. Kneser-Ney counts in shorter contexts only how many longer ones it has."""
        for length in range(len(context), -1, -1):
            key = (kind, context[:length])
            self.counts[key][value] += 1
            self.totals[key] += 1
            if self.kneser_ney and self.counts[key][value] > 1:
                return

    def predict(self, kind: str, context: Context, value: int, size: int) -> list[float]:
        """Probabilities of a token by ever longer contexts."""
        found, below = [], 1 / size
        for length in range(len(context) + 1):
            key = (kind, context[:length])
            total = self.totals.get(key, 0)
            if total:
                seen, types = self.counts[key].get(value, 0), len(self.counts[key])
                if self.kneser_ney:
                    below = (max(seen - DISCOUNT, 0) + DISCOUNT * types * below) / total
                else:
                    below = (seen + types * below) / (total + types)
            found.append(below)
        return found


class Ngrams:
    """Plain n-grams of one smoothing, all orders at once."""

    def __init__(self, train: list[Token], smoothing: Smoothing) -> None:
        # The shorter contexts of Kneser-Ney depend on the order, so each order counts on its own.
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
    """The informed mixture."""

    def __init__(self, train: list[Token], held_out: list[Token]) -> None:
        self.chains: dict[tuple[str, int], Chain] = defaultdict(lambda: Chain("witten-bell"))
        for x in train:
            for number, context in enumerate((x.history, *x.told)):
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
            chance
            for number, context in enumerate((x.history, *x.told))
            for chance in self.chains[x.kind, number].predict(x.kind, context, x.value, x.size)
        ]


def _weights(predicted: np.ndarray) -> np.ndarray:
    weights = np.full(predicted.shape[1], 1 / predicted.shape[1])
    for _ in range(EM_STEPS):
        shares = predicted * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights
