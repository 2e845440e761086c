"""Summary of one corpus: rates, errors, durations and codebook use, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from prosodytok.evaluation import rate
from prosodytok.evaluation.reconstruction.decoded_durations import DurationErrors, duration_errors
from prosodytok.evaluation.reconstruction.measurement import SECOND, Measurement, parts_of
from prosodytok.evaluation.reconstruction.prosody_errors import ProsodyErrors, error_intervals
from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, resampling_units
from prosodytok.types.errors import ProsodytokError

#: The rooms of an evaluation that are summarized here.
RECONSTRUCTION, RATE = SUMMARIZED = ("reconstruction", "rate")
NO_BITS = rate.Bits({}, {})


@dataclass(frozen=True)
class DurationSummary:
    """Decoded durations of words and pauses, and bits of a word's duration, as in `Bits`.

    None or empty where they are not measured.
    """

    words: DurationErrors | None
    pauses: DurationErrors | None
    bits_per_unit: dict[str, Interval]


@dataclass(frozen=True)
class PartSummary:
    """Summary of a part of a corpus: counts, duration (s), number of known speakers.

    Intervals resample "speakers" or "utterances". `bits_per_second` are `PartRates` by prefix of
    levels and by coding, ``"fixed"`` alone in a part; `errors` are measures of `ProsodyErrors` by
    estimate: flat voice, second tracker, prefixes of levels; `errors_fitted` are the same against
    a reference in the range of F0 that was fitted to each sound. What is not measured is empty.
    """

    utterances: int
    seconds: float
    speakers: int
    resampled: str
    units_per_second: dict[str, float]
    bits_per_second: dict[str, dict[str, rate.PartRates]]
    errors: dict[str, dict[str, Interval]]
    errors_fitted: dict[str, dict[str, Interval]]


@dataclass(frozen=True)
class CorpusSummary(PartSummary):
    """Summary of a corpus; `bits_per_second` has all codings.

    Parameters
    ----------
    durations : DurationSummary
        Decoded durations.
    codebooks : dict of str to list of CodebookUse
        Use of each codebook by level.
    parts : dict of str to PartSummary
        Parts of the corpus; empty if there is only one.
    """

    durations: DurationSummary
    codebooks: dict[str, list[rate.CodebookUse]]
    parts: dict[str, PartSummary]


def summarize(
    utterances: Sequence[Measurement], rooms: Sequence[str] = SUMMARIZED, *, seed: int = 0
) -> CorpusSummary:
    """Summarize measured utterances of one corpus.

    Parameters
    ----------
    utterances : sequence of Measurement
        At least one.
    rooms : sequence of {"reconstruction", "rate"}
        What to summarize beside counts: errors of decoded prosody and durations; bits and use of
        codebooks. Other names have no effect.
    seed : int
        Random seed of the bootstrap.

    Raises
    ------
    ProsodytokError
        If there is no utterance.
    """
    if not utterances:
        raise ProsodytokError("no utterance was measured: there is nothing to summarize")
    tokens, speakers = [u.tokens for u in utterances], [u.speaker for u in utterances]
    bits = NO_BITS
    if RATE in rooms:
        bits = rate.measure_bits(tokens, [u.decoded_s for u in utterances], speakers)
    parts = parts_of(utterances)
    return CorpusSummary(
        **_measures(utterances, bits.streams, rooms, seed),
        durations=_durations(utterances, bits.durations, rooms, seed),
        codebooks={
            name: rate.measure_codebooks(tokens, name, speakers, seed=seed)
            for name in tokens[0].names
            if RATE in rooms
        },
        parts={name: _summarize_part(part, rooms, seed) for name, part in parts.items()}
        if len(parts) > 1
        else {},
    )


def _summarize_part(
    utterances: Sequence[Measurement], rooms: Sequence[str], seed: int
) -> PartSummary:
    tokens = [u.tokens for u in utterances]
    prefixes = tokens[0].prefixes.items() if RATE in rooms else ()
    streams = {prefix: {"fixed": rate.fixed_bits(tokens, names)} for prefix, names in prefixes}
    return PartSummary(**_measures(utterances, streams, rooms, seed))


def _measures(
    utterances: Sequence[Measurement],
    streams: dict[str, dict[str, dict[str, Floats]]],
    rooms: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Fields of `PartSummary`, from the `Bits.streams` of the utterances."""
    durations = np.array([u.tokens.duration for u in utterances])
    speakers, seconds = [u.speaker for u in utterances], float(durations.sum())
    rates = partial(rate.bits_to_rates, seconds=durations, speakers=speakers, seed=seed)
    compared = RECONSTRUCTION in rooms
    return {
        "utterances": len(utterances),
        "seconds": seconds,
        "speakers": len(set(speakers) - {None}),
        "resampled": resampling_units(speakers)[1],
        "units_per_second": {
            name: sum(len(u.tokens[name]) for u in utterances) / seconds
            for name in utterances[0].tokens.names
        },
        "bits_per_second": {
            prefix: {coding: rates(stream) for coding, stream in codings.items()}
            for prefix, codings in streams.items()
        },
        "errors": _errors([u.errors for u in utterances], speakers, seed) if compared else {},
        "errors_fitted": _errors([u.errors_fitted for u in utterances], speakers, seed)
        if compared
        else {},
    }


def _errors(
    utterances: Sequence[dict[str, ProsodyErrors]], speakers: Sequence[str | None], seed: int
) -> dict[str, dict[str, Interval]]:
    found = {
        name: error_intervals([errors[name] for errors in utterances], speakers, seed=seed)
        for name in utterances[0]
    }
    del found[SECOND]["energy_rmse"]  # its energy is that of the reference
    return found


def _durations(
    utterances: Sequence[Measurement], bits: dict[str, Floats], rooms: Sequence[str], seed: int
) -> DurationSummary:
    speakers = [u.speaker for u in utterances]

    def errors(pauses: bool) -> DurationErrors:
        masks = [u.pauses == pauses for u in utterances]
        pairs = [(u.decoded_s[m], u.true_s[m]) for u, m in zip(utterances, masks, strict=True)]
        decoded, true = zip(*pairs, strict=True)
        return duration_errors(decoded, true, speakers, seed=seed)

    def per_unit(sums: Floats) -> dict[str, Floats]:
        return dict(zip(bits, (sums[:, :-1] / sums[:, -1:]).T, strict=True))

    found = {}
    if bits:
        columns = np.stack([*bits.values(), [u.decoded_s.size for u in utterances]], axis=1)
        found = bootstrap(columns, speakers, per_unit, seed=seed)
    if RECONSTRUCTION not in rooms:
        return DurationSummary(None, None, found)
    return DurationSummary(errors(False), errors(True), found)
