"""A comparison as files: compare.json, compare.md and figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prosodytok.evaluation.compare import corpora_of
from prosodytok.evaluation.compare_figures import CODES, CONTOURS, Picture, pictures_of
from prosodytok.evaluation.labelled import Labelled
from prosodytok.evaluation.report import without_nan
from prosodytok.io.atomic import write_text
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.viz import save_figure

#: Dots per inch: text can be read on a screen, and pages that hold all figures stay small.
DPI = 200
Corpus = Mapping[str, Any]


def write_comparison(
    comparison: Mapping[str, Any],
    folder: str | Path,
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Labelled],
) -> None:
    """Write what `compare` gave: compare.json, compare.md and the figures that it shows, as PNG.

    Parameters
    ----------
    comparison : mapping
        What `compare` gave.
    folder : path
        Where to; made if it is missing. Earlier files are replaced, each at once.
    tokenizer : ProsodyTokenizer
        The tokenizer that was compared.
    utterances : sequence of Labelled
        What it was compared on: the figures show their codes.
    """
    folder = Path(folder)
    pictures = pictures_of(comparison, tokenizer, corpora_of(utterances))
    for picture in pictures:
        save_figure(picture.figure, folder / picture.file, dpi=DPI)
    text = json.dumps(without_nan(comparison), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "compare.json", text + "\n")
    write_text(folder / "compare.md", to_markdown(comparison, pictures))


def to_markdown(comparison: Mapping[str, Any], pictures: Iterable[Picture] = ()) -> str:
    """The tables of what `compare` gave, and its pictures in their places."""
    lines = [
        f"# Tokens of `{comparison['checkpoint']}` against hand annotation",
        "",
        f"Units: {comparison['segments']}. Intervals are 95 % bootstraps over what is held out, "
        f"seed {comparison['seed']}.",
        "",
        "`told from`: how well each answer is told by trees that see this and learnt elsewhere. "
        "`codes of`: what codes and answers have in common without any learning; only `ami` "
        "compares different numbers of codes.",
        "",
    ]
    for name, corpus in comparison["corpora"].items():
        shown = [picture for picture in pictures if picture.corpus == name]
        lines += [f"## {name}", "", *_corpus(corpus, shown)]
    return "\n".join(lines) + "\n"


def _corpus(corpus: Corpus, pictures: Sequence[Picture]) -> Iterator[str]:
    yield (
        f"Utterances: {corpus['utterances']}. Labels of {corpus['units']}s. Held out: "
        f"{corpus['held_out']} ({corpus['groups']})."
    )
    yield ""
    for name, task in corpus["tasks"].items():
        # As code: the asterisks of two accents would make what is between them italic.
        classes = ", ".join(f"`{label}` {count}" for label, count in task["classes"].items())
        yield from [f"### {name}", "", f"Answers: {classes}.", ""]
        yield from _table(_probes(task["probes"]))
        yield from _table(_information(task["information"]))
        yield from _figures(pictures, name)
    if "contours" in corpus:
        yield from [f"### {CONTOURS}", ""]
        yield from _table(_contours(corpus["contours"]))
        yield from _figures(pictures, CONTOURS)
    yield from [f"### {CODES}", ""]
    yield from _figures(pictures, CODES)


def _figures(pictures: Sequence[Picture], part: str) -> Iterator[str]:
    """The pictures of a part, each with its caption under it."""
    for picture in pictures:
        if picture.part == part:
            yield from [f"![{picture.title}]({picture.file})", "", picture.caption, ""]


def _probes(probes: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[list[str]]:
    names = list(next(iter(probes.values())))
    heads = {"macro_f1": "macro-F1", "auc": "AUC"}
    rows = [["told from", *(heads[name] for name in names)]]
    return rows + [[k, *(_cell(scores[name]) for name in names)] for k, scores in probes.items()]


def _information(columns: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    heads = ("ami", "nmi", "homogeneity", "completeness", "v_measure", "purity")
    rows = [["codes of", "different codes", *(head.replace("_", "-") for head in heads)]]
    return rows + [
        [name, str(scores["codes"]), *(f"{scores[head]:z.2f}" for head in heads)]
        for name, scores in columns.items()
    ]


def _contours(rows: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    found = [["F0 from", "bit/s", "R²"]]
    for name, row in rows.items():
        low, high = row["bits_per_second"]
        rate = f"{low:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
        found.append([name, rate, _cell(row["r2"])])
    return found


def _cell(interval: Mapping[str, float]) -> str:
    return f"{interval['value']:z.2f} ({interval['low']:z.2f} to {interval['high']:z.2f})"


def _table(rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "| --- " * len(rows[0]) + "|", *lines[1:], ""]
