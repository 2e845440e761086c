"""One corpus, summarised: every number with its interval, ready for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import (
    Interval,
    Statistic,
    bootstrap,
    error_intervals,
    resampling_units,
)
from prosodytok.evaluation.codebook import use_of
from prosodytok.evaluation.entropy import Floats
from prosodytok.evaluation.measure import SECOND, Measured, parts_of
from prosodytok.evaluation.prosody import ratio
from prosodytok.evaluation.rates import fixed_bits, measure_rates
from prosodytok.types.errors import ProsodytokError

#: The longest error of a duration that its median tells apart (ms).
LONGEST_ERROR = 2000


class Summary:
    """Numbers of one corpus; `to_dict` gives them all, with keys as docs/evaluation.md tells.

    Parameters
    ----------
    utterances : sequence of Measured
        What was measured, at least one.
    seed : int
        Of the bootstrap.

    Raises
    ------
    ProsodytokError
        If there is no utterance.
    """

    def __init__(self, utterances: Sequence[Measured], *, seed: int = 0) -> None:
        if not utterances:
            raise ProsodytokError("no utterance was measured: there is nothing to summarise")
        self.utterances = utterances
        self.seed = seed
        self.speakers = [u.speaker for u in utterances]
        self.tokens = [u.tokens for u in utterances]
        self.seconds = np.array([t.duration for t in self.tokens])

    def to_dict(self) -> dict[str, Any]:
        """Everything."""
        rates = measure_rates(self.tokens, [u.said_s for u in self.utterances], self.speakers)
        parts = parts_of(self.utterances)
        return {
            **self._counts(),
            "bits_per_second": {
                prefix: {way: self._bit_rates(bits) for way, bits in ways.items()}
                for prefix, ways in rates.bits.items()
            },
            "errors": self._errors(),
            "durations": self._durations(rates.duration_bits),
            "codebooks": {name: self._codebooks(name) for name in self.tokens[0].names},
            "parts": {name: Summary(part, seed=self.seed)._brief() for name, part in parts.items()}
            if len(parts) > 1
            else {},
        }

    def _counts(self) -> dict[str, Any]:
        return {
            "utterances": len(self.utterances),
            "seconds": float(self.seconds.sum()),
            "speakers": len({s for s in self.speakers if s is not None}),
            "resampled": resampling_units(self.speakers)[1],
            "units_per_second": {
                name: sum(len(t[name]) for t in self.tokens) / float(self.seconds.sum())
                for name in self.tokens[0].names
            },
        }

    def _brief(self) -> dict[str, Any]:
        fixed = {
            prefix: {"fixed": self._bit_rates(fixed_bits(self.tokens, names))}
            for prefix, names in self.tokens[0].prefixes.items()
        }
        return {**self._counts(), "bits_per_second": fixed, "errors": self._errors()}

    def _bit_rates(self, bits: dict[str, Floats]) -> dict[str, Any]:
        """Bits per second of each part of a stream, and in total."""
        columns = np.stack([*bits.values(), sum(bits.values()), self.seconds], axis=1)

        def rates(sums: Floats) -> dict[str, Floats]:
            found = (sums[:, :-1] / sums[:, -1:]).T
            return dict(zip([*bits, "total"], found, strict=True))

        return self._bootstrap(columns, rates)

    def _errors(self) -> dict[str, Any]:
        found = {}
        for name in self.utterances[0].errors:
            errors = [u.errors[name] for u in self.utterances]
            scores = error_intervals(errors, self.speakers, seed=self.seed)
            if name == SECOND:  # its energy is the reference's own
                del scores["energy_rmse"]
            found[name] = _plain(scores)
        return found

    def _durations(self, bits: dict[str, Floats]) -> dict[str, Any]:
        """Errors of words and of pauses, and bits a unit, with and without the codes."""
        count = np.array([len(u.said_s) for u in self.utterances])
        columns = np.stack([*bits.values(), count], axis=1)

        def per_unit(sums: Floats) -> dict[str, Floats]:
            return dict(zip(bits, (sums[:, :-1] / sums[:, -1:]).T, strict=True))

        return {
            "words": self._duration_errors([~u.pauses for u in self.utterances]),
            "pauses": self._duration_errors([u.pauses for u in self.utterances]),
            "bits_per_unit": self._bootstrap(columns, per_unit),
        }

    def _duration_errors(self, chosen: Sequence[NDArray[np.bool_]]) -> dict[str, Any]:
        rows = [_duration_sums(u, c) for u, c in zip(self.utterances, chosen, strict=True)]
        scores = self._bootstrap(np.array(rows), _duration_scores)
        return {"units": int(sum(c.sum() for c in chosen)), **scores}

    def _codebooks(self, name: str) -> list[dict[str, Any]]:
        sizes = self.tokens[0][name].codebook_sizes
        found = []
        for book, size in enumerate(sizes):
            counts = [np.bincount(t[name].codes[book], minlength=size) for t in self.tokens]
            units = int(np.sum(counts))
            use = self._bootstrap(np.array(counts), use_of, symmetric=True)
            found.append({"size": size, "units": units, **use})
        return found

    def _bootstrap(
        self, sums: NDArray[Any], statistic: Statistic, symmetric: bool = False
    ) -> dict[str, Any]:
        found = bootstrap(sums, self.speakers, statistic, seed=self.seed, symmetric=symmetric)
        return _plain(found)


def _plain(intervals: dict[str, Interval]) -> dict[str, Any]:
    return {name: asdict(interval) for name, interval in intervals.items()}


def _duration_sums(utterance: Measured, chosen: NDArray[np.bool_]) -> Floats:
    """Octaves off, how many units, and how many of them are off by each whole millisecond."""
    said, true = utterance.said_s[chosen], utterance.true_s[chosen]
    octaves = np.abs(np.log2(said / true)).sum()
    error = np.minimum(np.rint(1000 * np.abs(said - true)), LONGEST_ERROR).astype(np.int64)
    return np.array([octaves, error.size, *np.bincount(error, minlength=LONGEST_ERROR + 1)])


def _duration_scores(sums: Floats) -> dict[str, Floats]:
    """Mean of the octaves and median of the milliseconds."""
    below = np.cumsum(sums[:, 2:], axis=1)
    median = np.argmax(below >= below[:, -1:] / 2, axis=1)
    return {
        "octaves": ratio(sums[:, 0], sums[:, 1]),
        "median_ms": np.where(sums[:, 1] > 0, median, np.nan),
    }
