"""What each prefix of levels costs and how far it is off, of one utterance or of many together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.evaluation.report import without_nan
from prosodytok.ui.report.report_utterance import Exhibit


@dataclass(frozen=True)
class Score:
    """Sums that add up over utterances.

    Parameters
    ----------
    errors : ProsodyErrors
        Of the decoded against the measured prosody.
    bits : mapping of str to float
        Bits of each level and of the boundaries.
    seconds : float
        What they are spent on.
    """

    errors: ProsodyErrors = field(default_factory=ProsodyErrors)
    bits: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def __add__(self, other: Score) -> Score:
        names = {**self.bits, **other.bits}
        bits = {name: self.bits.get(name, 0.0) + other.bits.get(name, 0.0) for name in names}
        return Score(self.errors + other.errors, bits, self.seconds + other.seconds)

    @property
    def row(self) -> dict[str, Any]:
        """Errors by name (None where no frame counts), and bits per second."""
        rates = {name: bits / self.seconds for name, bits in self.bits.items()}
        row: dict[str, Any] = without_nan(self.errors.scores)
        return row | {"rates": rates, "bitrate": sum(rates.values())}


def scores_of(exhibit: Exhibit) -> dict[str, Score]:
    """Score each prefix of an utterance's levels, coarse to fine."""
    tokens = exhibit.tokens
    return {
        name: Score(
            prosody_errors(exhibit.prosody, exhibit.decoded[name]),
            tokens.select(levels).bits,
            tokens.duration,
        )
        for name, levels in tokens.prefixes.items()
    }


def together(scores: Iterable[dict[str, Score]]) -> dict[str, Score]:
    """Add up the scores of utterances that have the same levels."""
    total: dict[str, Score] = {}
    for each in scores:
        for name, score in each.items():
            total[name] = total.get(name, Score()) + score
    return total


def rows_of(scores: dict[str, Score]) -> list[dict[str, Any]]:
    """The rows of the page's table of errors."""
    return [{"name": name} | score.row for name, score in scores.items()]
