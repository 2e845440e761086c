"""Bit rate and errors of each prefix of levels, per utterance or summed over utterances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.evaluation.report_files import nan_to_none
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens


@dataclass(frozen=True)
class PrefixScore:
    """Additive statistics of a prefix of levels: errors, bits by part, duration (s)."""

    errors: ProsodyErrors = field(default_factory=ProsodyErrors)
    bits: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def __add__(self, other: PrefixScore) -> PrefixScore:
        names = {**self.bits, **other.bits}
        bits = {name: self.bits.get(name, 0.0) + other.bits.get(name, 0.0) for name in names}
        return PrefixScore(self.errors + other.errors, bits, self.seconds + other.seconds)

    @property
    def row(self) -> dict[str, Any]:
        """Errors by name (None if no frame counts), and bits per second."""
        rates = {name: bits / self.seconds for name, bits in self.bits.items()}
        row: dict[str, Any] = nan_to_none(self.errors.scores)
        return row | {"rates": rates, "bitrate": sum(rates.values())}


def score_prefixes(
    tokens: ProsodyTokens, prosody: Prosody, decoded: Mapping[str, Prosody]
) -> dict[str, PrefixScore]:
    """Score each prefix of the levels of an utterance, coarse to fine."""
    return {
        name: PrefixScore(
            prosody_errors(prosody, decoded[name]), tokens.select(levels).bits, tokens.duration
        )
        for name, levels in tokens.prefixes.items()
    }


def sum_scores(scores: Iterable[Mapping[str, PrefixScore]]) -> dict[str, PrefixScore]:
    """Sum the scores of utterances with the same levels."""
    total: dict[str, PrefixScore] = {}
    for each in scores:
        for name, score in each.items():
            total[name] = total.get(name, PrefixScore()) + score
    return total


def scores_to_rows(scores: Mapping[str, PrefixScore]) -> list[dict[str, Any]]:
    """Rows of the table of errors."""
    return [{"name": name} | score.row for name, score in scores.items()]
