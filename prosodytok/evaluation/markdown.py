"""Markdown of an evaluation: rooms become sections, and measures columns of tables."""

from __future__ import annotations

from collections.abc import Mapping

from prosodytok.evaluation.boundaries import BoundaryScores
from prosodytok.evaluation.boundaries.segmenter_comparison import GIVEN_COUNT
from prosodytok.evaluation.evaluate import CorpusEvaluation, Evaluation
from prosodytok.evaluation.intervention import DurationEffect, Intervention, SwapEffect
from prosodytok.evaluation.leakage import Leakage, NotMeasured, SpeakerProbe
from prosodytok.evaluation.markdown_blocks import (
    NONE,
    Blocks,
    Column,
    Table,
    counted,
    format_interval,
    render,
)
from prosodytok.evaluation.reconstruction import CorpusSummary
from prosodytok.evaluation.reconstruction.corpus_summary import DurationSummary, PartSummary
from prosodytok.evaluation.stability_markdown import stability_blocks
from prosodytok.evaluation.stats.bootstrap import Interval

#: Errors of the whole corpus, and the shorter list of its parts.
ERRORS = (
    Column("f0_mae", "F0 MAE (c)", digits=0),
    Column("f0_rmse", "F0 RMSE (c)", digits=0),
    Column("f0_rmse_agreed", "F0 RMSE agreed (c)", digits=0),
    Column("f0_corr", "F0 corr."),
    Column("gpe", "GPE %", 100, 1),
    Column("vde", "VDE %", 100, 1),
    Column("ffe", "FFE %", 100, 1),
    Column("energy_rmse", "energy (dB)", digits=1),
)
PART_ERRORS = tuple(column for column in ERRORS if column.key not in ("f0_rmse", "gpe", "ffe"))
EDGES = (
    Column("precision", "precision"),
    Column("recall", "recall"),
    Column("f1", "F1"),
    Column("over_segmentation", "over-segmentation"),
    Column("r_value", "R-value"),
)
SWAPS = (
    Column("unchanged", "inaudible %", 100, 1),
    Column("f0 inside", "F0 in unit (c)", digits=0),
    Column("f0 0-80 ms", "0-80 ms off", digits=0, bounds=False),
    Column("f0 160-320 ms", "160-320", digits=0, bounds=False),
    Column("f0 > 640 ms", "> 640", digits=1, bounds=False),
    Column("f0 share inside", "in unit %", 100, 0, bounds=False),
    Column("f0 extent ms", "extent (ms)", digits=0, bounds=False),
    Column("f0 modulation Hz", "modulation (Hz)", digits=1, bounds=False),
    Column("voicing inside", "voicing flipped in unit %", 100, 1, bounds=False),
    Column("voicing share inside", "of flips in unit %", 100, 0, bounds=False),
    Column("energy inside", "energy in unit (dB)", digits=1),
    Column("energy share inside", "in unit %", 100, 0, bounds=False),
    Column("energy extent ms", "extent (ms)", digits=0, bounds=False),
)
UNITS = {
    "acoustic": "segmented by rule from the sound alone",
    "learned": "segmented from the sound by the boundary model",
    "even": "of equal length",
    "given": "given by the manifest",
}
RATE_FIGURE = "rate_distortion.png"
CODINGS = {"fixed": "fixed length", "unigram": "unigram", "context": "context model"}


def evaluation_to_markdown(evaluation: Evaluation) -> str:
    """evaluation.md."""
    return render(_evaluation(evaluation))


def _evaluation(evaluation: Evaluation) -> Blocks:
    yield f"# Evaluation of `{evaluation.checkpoint}`"
    yield (
        f"Units are {UNITS[evaluation.segments]}. Intervals are 95 % bootstraps, seed "
        f"{evaluation.seed}."
    )
    if any(c.summary and c.summary.errors for c in evaluation.corpora.values()):
        yield (
            "The reference is plain Praat (75 to 500 Hz, no repair of F0); F0 errors cover its "
            f'voiced frames, those "agreed" the frames where {evaluation.second_tracker} is within '
            "20 % of it."
        )
    for name, corpus in evaluation.corpora.items():
        yield f"## {name}"
        yield from _corpus(name, corpus)
    if has_rate_curves(evaluation):
        yield f"![Rate and distortion]({RATE_FIGURE})"


def stability_figure(corpus: str) -> str:
    """File of the figure of the stability on a corpus, which may be named by a path."""
    return f"{corpus.strip('/').replace('/', '-')}-stability.png"


def has_rate_curves(evaluation: Evaluation) -> bool:
    """Whether the errors and the bit rates of all corpora are measured."""
    summaries = [corpus.summary for corpus in evaluation.corpora.values()]
    return all(s is not None and bool(s.errors and s.bits_per_second) for s in summaries)


def _errors(summary: CorpusSummary, errors: dict[str, dict[str, Interval]]) -> Table:
    rows = [([name, _fixed_rate(summary, name)], found) for name, found in errors.items()]
    return Table.of_measures(["", "bit/s"], ERRORS, rows)


def _corpus(name: str, corpus: CorpusEvaluation) -> Blocks:
    if corpus.summary is not None:
        yield from _summary(corpus.summary, corpus.left_out)
    if corpus.stability is not None:
        yield "### Stability"
        yield from stability_blocks(corpus.stability)
        yield f"![Stability]({stability_figure(name)})"
    if corpus.boundaries is not None:
        yield "### Boundaries"
        yield _boundaries(corpus.boundaries)
    if corpus.intervention is not None:
        yield "### Intervention"
        yield from _intervention(corpus.intervention)
    if corpus.leakage is not None:
        yield "### Leakage"
        yield from _leakage(corpus.leakage)


def _summary(summary: CorpusSummary, left_out: int | None) -> Blocks:
    units = ", ".join(f"{name} {rate:.2f}" for name, rate in summary.units_per_second.items())
    yield (
        f"{counted(summary.utterances, 'utterance')}, {summary.seconds / 60:.1f} min, "
        f"{counted(summary.speakers, 'speaker')}{f', {left_out} left out' if left_out else ''}; "
        f"intervals resample {summary.resampled}. Units per second: {units}."
    )
    if summary.errors:
        yield _errors(summary, summary.errors)
        yield "Against the reference in the range of F0 that is fitted to each sound:"
        yield _errors(summary, summary.errors_fitted)
    if summary.bits_per_second:
        yield from _rates(summary)
    yield from _durations(summary.durations)
    if summary.codebooks:
        yield _codebooks(summary)
    if summary.errors and summary.parts:
        yield _parts(summary)


def _fixed_rate(summary: PartSummary, name: str) -> str:
    codings = summary.bits_per_second.get(name)
    return f"{codings['fixed']['total'].value:.1f}" if codings else NONE


def _rates(summary: CorpusSummary) -> Blocks:
    rows = []
    for prefix, codings in summary.bits_per_second.items():
        for coding, rates in codings.items():
            parts = ", ".join(f"{k} {rate.value:.1f}" for k, rate in rates.items() if k != "total")
            total = format_interval(rates["total"], digits=1)
            rows.append([prefix, CODINGS[coding], total, parts])
    yield Table(["levels", "coding", "bit/s", "by part"], rows)
    yield (
        "Lengths of unigram and context coding are ideal; their tables are counted on other "
        f"{summary.resampled} of this corpus and are not part of the stream."
    )


def _durations(durations: DurationSummary) -> Blocks:
    columns = (
        Column("octaves", "error (octaves, mean)"),
        Column("median_ms", "error (ms, median)", digits=0),
    )
    kinds = {"words": durations.words, "pauses": durations.pauses}
    rows = [([kind, str(errors.units)], vars(errors)) for kind, errors in kinds.items() if errors]
    if rows:
        yield Table.of_measures(["decoded durations", "units"], columns, rows)
    bits = durations.bits_per_unit
    if bits:
        yield (
            f"A word's duration takes {bits['given_codes'].value:.2f} bits given its codes, and "
            f"{bits['without_codes'].value:.2f} without them."
        )


def _codebooks(summary: CorpusSummary) -> Table:
    rows = [
        [
            name if len(books) == 1 else f"{name} {index}",
            str(book.size),
            str(book.units),
            f"{book.usage.value:.0%}",
            format_interval(book.perplexity, digits=0),
        ]
        for name, books in summary.codebooks.items()
        for index, book in enumerate(books, 1)
    ]
    return Table(["codebook", "codes", "units", "used", "perplexity"], rows)


def _parts(summary: CorpusSummary) -> Table:
    """All prefixes but the first, phrases alone."""
    rows = [
        ([name, str(part.utterances), prefix, _fixed_rate(part, prefix)], part.errors[prefix])
        for name, part in summary.parts.items()
        for prefix in list(part.bits_per_second)[1:]
    ]
    return Table.of_measures(["part", "utterances", "levels", "bit/s"], PART_ERRORS, rows)


def _boundaries(boundaries: BoundaryScores) -> Table:
    rows = []
    for edges, tolerances in boundaries.items():
        for tolerance, methods in tolerances.items():
            for method, scores in methods.items():
                note = " (given the number of edges)" if method in GIVEN_COUNT else ""
                texts = [edges, tolerance, method + note, str(scores.utterances)]
                rows.append((texts, vars(scores)))
    return Table.of_measures(["edges", "within", "method", "utterances"], EDGES, rows)


def _intervention(found: Intervention) -> Blocks:
    yield Table.of_measures(
        ["code", "decoded", "other code", "unit (ms)"],
        SWAPS,
        [
            ([_codebook(s), _decoded_levels(s), s.choice, f"{s.unit_ms:.0f}"], s.measures)
            for s in found.swaps
        ],
    )
    null = found.null
    yield (
        "Changes are root mean squares over frames. After those of F0 and energy, `in unit %` is "
        "the share of their squares in the changed unit, and the extent is the shortest interval "
        "with 90 % of them. Modulation is the mean frequency of the change. Codes replaced by "
        f"themselves ({null.changes} times) change at most {null.f0_cents:g} cents, "
        f"{null.energy_db:g} dB and {null.flips:g} frames of voicing."
    )
    if found.durations:
        columns = (
            Column("inside_octaves", "in unit (octaves)"),
            Column("outside_octaves", "elsewhere (octaves)"),
        )
        rows = [([_codebook(effect)], vars(effect)) for effect in found.durations]
        yield Table.of_measures(["change of decoded durations by another"], columns, rows)


def _codebook(effect: SwapEffect | DurationEffect) -> str:
    return f"{effect.level} {effect.codebook}"


def _decoded_levels(swap: SwapEffect) -> str:
    return "all levels" if swap.levels_heard == "all" else f"up to {swap.level}"


def _leakage(found: Leakage | NotMeasured) -> Blocks:
    if isinstance(found, NotMeasured):
        yield "Not measured: " + found.not_measured.removeprefix("not measured: ")
        return
    resynthesis = found.resynthesis
    yield (
        f"{found.speakers} speakers, {found.utterances} utterances: chance "
        f"{100 * found.chance:.1f} %, the most frequent speaker {100 * found.majority:.1f} %, the "
        f"target (twice chance + 5 points) {100 * found.target:.1f} %. Balanced accuracy of the "
        "strongest attacker, and of each:"
    )
    yield _speaker_probes("features", found.probes)
    yield (
        f"Speaker embedding (Resemblyzer) of {resynthesis.utterances} utterances; all but the "
        "original sound on one neutral vowel:"
    )
    yield _speaker_probes("embedded sound", resynthesis.conditions)
    nearest = {name: format_interval(x, 100, 1) for name, x in resynthesis.swap.items()}
    yield (
        "Tokens decoded in the register of another speaker are nearest to the owner of the "
        f"register in {nearest['register_owner']} %, to the speaker of the tokens in "
        f"{nearest['tokens_owner']} %, and to neither in {nearest['neither']} %."
    )


def _speaker_probes(heading: str, probes: Mapping[str, SpeakerProbe]) -> Table:
    attackers = list(next(iter(probes.values())).attackers)
    rows = [
        [
            name,
            format_interval(probe.balanced, 100, 1),
            *(f"{100 * probe.attackers[attacker]:.1f}" for attacker in attackers),
        ]
        for name, probe in probes.items()
    ]
    return Table([heading, "accuracy %", *(f"{attacker} %" for attacker in attackers)], rows)
