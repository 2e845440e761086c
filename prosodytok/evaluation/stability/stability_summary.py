"""Stability of the tokens of a corpus: agreement of each codebook under each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from prosodytok.evaluation.stability.code_agreement import chance_agreement
from prosodytok.evaluation.stability.copy_comparison import (
    CopySums,
    code_scores,
    contour_scores,
    edge_f1,
)
from prosodytok.evaluation.stability.kmeans_yardstick import NO_YARDSTICK, KMeansYardstick
from prosodytok.evaluation.stability.measure_stability import UtteranceStability
from prosodytok.evaluation.stats.bootstrap import (
    Floats,
    Interval,
    Statistic,
    bootstrap,
    resampling_units,
)
from prosodytok.types.errors import ProsodytokError

#: Rows that are the mean of several changes.
MEANS = {"shift": ("shift 10 ms", "shift 20 ms", "shift 40 ms")}


@dataclass(frozen=True)
class CodebookChance:
    """A codebook: its number of codes, and the agreement expected by chance.

    `chance` covers all frames, `chance_speech` those that are no pauses; see `chance_agreement`.
    """

    codes: int
    chance: float
    chance_speech: float


@dataclass(frozen=True)
class ChangeStability:
    """What one change does to the tokens.

    Parameters
    ----------
    utterances : int
        Number of utterances of which a copy was tokenized.
    agreement, speech : dict of str to Interval
        Share of time with the same code, by codebook: of all frames, and of those that are no
        pauses.
    edit_distance : dict of str to Interval
        Unit edits per unit of the recording, by codebook.
    edge_f1 : dict of str to Interval
        F1 of the edges of units within 20 ms, by level.
    contour_cents : dict of str to Interval
        Change of the decoded F0 (cents, root mean square over frames voiced in both), by prefix of
        levels.
    """

    utterances: int
    agreement: dict[str, Interval]
    speech: dict[str, Interval]
    edit_distance: dict[str, Interval]
    edge_f1: dict[str, Interval]
    contour_cents: dict[str, Interval]


@dataclass(frozen=True)
class Stability:
    """Stability of the tokens of a corpus.

    Parameters
    ----------
    utterances, left_out, speakers : int
        Numbers of utterances, of those that failed, and of known speakers.
    resampled : str
        What the intervals resample: "speakers" or "utterances".
    failed_copies : int
        Number of copies that could not be tokenized.
    codebooks : dict of str to CodebookChance
        The codebooks, coarse to fine, and the yardsticks.
    changes : dict of str to ChangeStability
        The changes; ``"shift"`` is the mean of shifts of 10, 20 and 40 ms.
    yardstick_units : int
        Number of units of other utterances to which the yardsticks are fitted.
    yardstick_not_measured : str
        Why there are no yardsticks; "" if there are.
    """

    utterances: int
    left_out: int
    speakers: int
    resampled: str
    failed_copies: int
    codebooks: dict[str, CodebookChance]
    changes: dict[str, ChangeStability]
    yardstick_units: int = 0
    yardstick_not_measured: str = ""


def summarize_stability(
    utterances: Sequence[UtteranceStability],
    yardstick: KMeansYardstick = NO_YARDSTICK,
    *,
    left_out: int = 0,
    seed: int = 0,
) -> Stability:
    """Stability over measured utterances, with 95 % intervals.

    Parameters
    ----------
    utterances : sequence of UtteranceStability
        At least one.
    yardstick : KMeansYardstick
        The yardstick with which they were measured.
    left_out : int
        Number of utterances that failed.
    seed : int
        Random seed of the bootstrap.

    Raises
    ------
    ProsodytokError
        If there is no utterance.
    """
    if not utterances:
        raise ProsodytokError("no utterance was measured: there is no stability to summarize")
    speakers = [u.speaker for u in utterances]
    names = dict.fromkeys(name for u in utterances for name in u.copies)
    means = {row: parts for row, parts in MEANS.items() if set(parts) <= set(names)}
    rows = means | {name: (name,) for name in names}
    return Stability(
        utterances=len(utterances),
        left_out=left_out,
        speakers=len(set(speakers) - {None}),
        resampled=resampling_units(speakers)[1],
        failed_copies=sum(len(u.failures) for u in utterances),
        codebooks={name: _chance(utterances, name) for name in utterances[0].codebooks},
        changes={row: _change(utterances, changes, seed) for row, changes in rows.items()},
        yardstick_units=yardstick.units,
        yardstick_not_measured=yardstick.not_measured,
    )


def _chance(utterances: Sequence[UtteranceStability], name: str) -> CodebookChance:
    levels = [u.codebooks[name] for u in utterances]
    everywhere = [np.ones_like(u.spoken) for u in utterances]
    return CodebookChance(
        prod(levels[0].codebook_sizes),
        chance_agreement(levels, everywhere),
        chance_agreement(levels, [u.spoken for u in utterances]),
    )


def _change(
    utterances: Sequence[UtteranceStability], changes: Sequence[str], seed: int
) -> ChangeStability:
    """Scores of one change, or their means over several."""

    def scores(sums_of: Callable[[CopySums], dict[str, Floats]], statistic: Statistic) -> Scores:
        return _scores(utterances, changes, sums_of, statistic, seed)

    codes = scores(lambda copy: copy.codes, code_scores)
    edges = scores(lambda copy: copy.edges, edge_f1)
    contour = scores(lambda copy: copy.contour, contour_scores)
    return ChangeStability(
        utterances=sum(all(c in u.copies for c in changes) for u in utterances),
        agreement=codes["agreement"],
        speech=codes["speech"],
        edit_distance=codes["edit_distance"],
        edge_f1=edges["f1"],
        contour_cents=contour["cents"],
    )


#: Intervals by measure and by codebook, level or prefix.
Scores = dict[str, dict[str, Interval]]


def _scores(
    utterances: Sequence[UtteranceStability],
    changes: Sequence[str],
    sums_of: Callable[[CopySums], dict[str, Floats]],
    statistic: Statistic,
    seed: int,
) -> Scores:
    """Intervals by measure and by the keys of the sums."""
    found: Scores = {}
    copies = [[u.copies.get(change) for change in changes] for u in utterances]
    first = next(copy for own in copies for copy in own if copy is not None)
    for key, example in sums_of(first).items():
        nothing = np.zeros_like(example)
        sums = [[nothing if c is None else sums_of(c)[key] for c in own] for own in copies]
        rows = np.array(sums).reshape(len(sums), -1)
        mean = _mean_over(len(changes), statistic)
        for measure, interval in bootstrap(
            rows, [u.speaker for u in utterances], mean, seed=seed
        ).items():
            found.setdefault(measure, {})[key] = interval
    return found


def _mean_over(changes: int, statistic: Statistic) -> Statistic:
    """The mean of a statistic over changes whose sums lie side by side."""

    def mean(sums: Floats) -> dict[str, Floats]:
        values = statistic(sums.reshape(len(sums), changes, -1))
        return {name: value.mean(axis=1) for name, value in values.items()}

    return mean
