"""Markdown of an evaluation and of a comparison: the only place where results become text.

A document is a sequence of blocks, separated by empty lines: headings, paragraphs, tables and
figures. Measures are columns of a table, each with its heading, scale and precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prosodytok.evaluation.annotation.compare import (
    Comparison,
    CorpusComparison,
    TaskComparison,
)
from prosodytok.evaluation.annotation.comparison_figures import CODES, CONTOURS, CorpusFigure
from prosodytok.evaluation.annotation.label_contours import ContourScore
from prosodytok.evaluation.boundaries import BoundaryScores
from prosodytok.evaluation.boundaries.segmenter_comparison import GIVEN_COUNT
from prosodytok.evaluation.evaluate import CorpusEvaluation, Evaluation
from prosodytok.evaluation.intervention import DurationEffect, Intervention, SwapEffect
from prosodytok.evaluation.leakage import Leakage, NotMeasured, SpeakerProbe
from prosodytok.evaluation.reconstruction import CorpusSummary
from prosodytok.evaluation.reconstruction.corpus_summary import PartSummary
from prosodytok.evaluation.stats.bootstrap import Interval

#: Text of an undefined or missing value.
NONE = "n/a"


@dataclass(frozen=True)
class Column:
    """Column of a measure: its key, heading, scale, decimals, and whether it shows the interval."""

    key: str
    heading: str
    scale: float = 1
    digits: int = 2
    bounds: bool = True

    def cell(self, measures: Mapping[str, Interval]) -> str:
        """Text of the measure, or `NONE`."""
        return format_interval(measures.get(self.key), self.scale, self.digits, self.bounds)


@dataclass(frozen=True)
class Table:
    """Table of texts; as Markdown by `str`."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @classmethod
    def of_measures(
        cls,
        headings: Sequence[str],
        columns: Sequence[Column],
        rows: Iterable[tuple[Sequence[str], Mapping[str, Interval]]],
    ) -> Table:
        """Rows of leading texts under `headings`, then of measures under `columns`."""
        cells = [[*texts, *(c.cell(measures) for c in columns)] for texts, measures in rows]
        return cls([*headings, *(column.heading for column in columns)], cells)

    def __str__(self) -> str:
        rows = [self.headings, ["---"] * len(self.headings), *self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


#: A paragraph, heading or figure as Markdown, or a table.
Block = str | Table
Blocks = Iterator[Block]


def render(blocks: Iterable[Block]) -> str:
    """Join the blocks of a document."""
    return "\n\n".join(map(str, blocks)) + "\n"


def format_interval(
    interval: Interval | None, scale: float = 1, digits: int = 2, bounds: bool = True
) -> str:
    """Format as "value (low to high)", or the value alone; `NONE` if undefined."""
    if interval is None or math.isnan(interval.value):
        return NONE
    value, low, high = (
        f"{scale * x:z.{digits}f}" for x in (interval.value, interval.low, interval.high)
    )
    return f"{value} ({low} to {high})" if bounds else value


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
CODINGS = {"fixed": "fixed length", "unigram": "unigram", "context": "context model"}


def evaluation_to_markdown(evaluation: Evaluation) -> str:
    """evaluation.md."""
    return render(_evaluation(evaluation))


def _evaluation(evaluation: Evaluation) -> Blocks:
    yield f"# Evaluation of `{evaluation.checkpoint}`"
    yield (
        f"Units are {UNITS[evaluation.segments]}. The reference is plain Praat (75 to 500 Hz, no "
        'repair of F0); F0 errors cover its voiced frames, those "agreed" the frames where '
        f"{evaluation.second_tracker} is within 20 % of it. Intervals are 95 % bootstraps, seed "
        f"{evaluation.seed}."
    )
    for name, corpus in evaluation.corpora.items():
        yield f"## {name}"
        yield from _corpus(corpus)
    yield "![Rate and distortion](rate_distortion.png)"


def _errors(summary: CorpusSummary, errors: dict[str, dict[str, Interval]]) -> Table:
    rows = [([name, _fixed_rate(summary, name)], found) for name, found in errors.items()]
    return Table.of_measures(["", "bit/s"], ERRORS, rows)


def _corpus(corpus: CorpusEvaluation) -> Blocks:
    summary = corpus.summary
    left_out = f", {corpus.left_out} left out" if corpus.left_out else ""
    units = ", ".join(f"{name} {rate:.2f}" for name, rate in summary.units_per_second.items())
    yield (
        f"{_counted(summary.utterances, 'utterance')}, {summary.seconds / 60:.1f} min, "
        f"{_counted(summary.speakers, 'speaker')}{left_out}; intervals resample "
        f"{summary.resampled}. Units per second: {units}."
    )
    yield _errors(summary, summary.errors)
    yield "Against the reference in the range of F0 that is fitted to each sound:"
    yield _errors(summary, summary.errors_fitted)
    yield from _rates(summary)
    yield from _durations(summary)
    yield _codebooks(summary)
    if summary.parts:
        yield _parts(summary)
    if corpus.boundaries is not None:
        yield "### Boundaries"
        yield _boundaries(corpus.boundaries)
    if corpus.intervention is not None:
        yield "### Intervention"
        yield from _intervention(corpus.intervention)
    if corpus.leakage is not None:
        yield "### Leakage"
        yield from _leakage(corpus.leakage)


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


def _durations(summary: CorpusSummary) -> Blocks:
    columns = (
        Column("octaves", "error (octaves, mean)"),
        Column("median_ms", "error (ms, median)", digits=0),
    )
    durations = summary.durations
    yield Table.of_measures(
        ["decoded durations", "units"],
        columns,
        [
            ([kind, str(errors.units)], vars(errors))
            for kind, errors in {"words": durations.words, "pauses": durations.pauses}.items()
        ],
    )
    bits = durations.bits_per_unit
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


PROBES = (Column("macro_f1", "macro-F1"), Column("auc", "AUC"))
INFORMATION = ("ami", "nmi", "homogeneity", "completeness", "v_measure", "purity")


def comparison_to_markdown(comparison: Comparison, figures: Sequence[CorpusFigure] = ()) -> str:
    """compare.md, with the figures in their sections."""
    return render(_comparison(comparison, figures))


def _comparison(comparison: Comparison, figures: Sequence[CorpusFigure]) -> Blocks:
    yield f"# Tokens of `{comparison.checkpoint}` against hand annotation"
    yield (
        f"Units: {comparison.segments}. Intervals are 95 % bootstraps over held-out groups, seed "
        f"{comparison.seed}."
    )
    yield (
        "`features`: classification of the labels by trees trained on other groups. `codes of`: "
        "information that codes and labels share, without training; only `ami` is comparable "
        "between different numbers of codes."
    )
    for name, corpus in comparison.corpora.items():
        yield f"## {name}"
        yield from _compared_corpus(corpus, [f for f in figures if f.corpus == name])


def _compared_corpus(corpus: CorpusComparison, figures: Sequence[CorpusFigure]) -> Blocks:
    yield (
        f"Utterances: {corpus.utterances}. Labels of {corpus.units}s. Held out: "
        f"{corpus.held_out} ({corpus.groups})."
    )
    for name, task in corpus.tasks.items():
        yield f"### {name}"
        yield from _task(task)
        yield from _figures(figures, name)
    if corpus.contours is not None:
        yield f"### {CONTOURS}"
        yield _contours(corpus.contours)
        yield from _figures(figures, CONTOURS)
    yield f"### {CODES}"
    yield from _figures(figures, CODES)


def _task(task: TaskComparison) -> Blocks:
    # As code: the asterisks of two accents would make the text between them italic.
    yield "Labels: " + ", ".join(f"`{label}` {count}" for label, count in task.classes.items())
    columns = [column for column in PROBES if column.key in next(iter(task.probes.values()))]
    rows = [([name], scores) for name, scores in task.probes.items()]
    yield Table.of_measures(["features"], columns, rows)
    yield Table(
        ["codes of", "different codes", *(name.replace("_", "-") for name in INFORMATION)],
        [
            [name, str(found.codes), *(f"{getattr(found, key):z.2f}" for key in INFORMATION)]
            for name, found in task.information.items()
        ],
    )


def _contours(contours: Mapping[str, ContourScore]) -> Table:
    rows = []
    for name, score in contours.items():
        least, most = score.bits_per_second
        rate = f"{least:.1f}" if least == most else f"{least:.1f} to {most:.1f}"
        rows.append([name, rate, format_interval(score.r2)])
    return Table(["F0 from", "bit/s", "R²"], rows)


def _figures(figures: Iterable[CorpusFigure], section: str) -> Blocks:
    """Figures of a section, each followed by its caption."""
    for figure in figures:
        if figure.section == section:
            yield f"![{figure.title}]({figure.file})"
            yield figure.caption
