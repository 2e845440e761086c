"""Markdown of a comparison with hand annotation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prosodytok.evaluation.annotation.compare import (
    Comparison,
    CorpusComparison,
    TaskComparison,
)
from prosodytok.evaluation.annotation.comparison_figures import CODES, CONTOURS, CorpusFigure
from prosodytok.evaluation.annotation.label_contours import ContourScore
from prosodytok.evaluation.markdown_blocks import Blocks, Column, Table, format_interval, render

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
