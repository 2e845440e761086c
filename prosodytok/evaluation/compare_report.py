"""A comparison as files: compare.json and compare.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prosodytok.evaluation.report import without_nan
from prosodytok.files import atomic_path
from prosodytok.viz import plot_contingency, save_figure

Corpus = Mapping[str, Any]


def write_comparison(comparison: Mapping[str, Any], folder: str | Path) -> None:
    """Write what `compare` gave: compare.json, compare.md, and word codes against labels, as PNG.

    Each file is replaced at once.
    """
    folder = Path(folder)
    text = json.dumps(without_nan(comparison), indent=1, ensure_ascii=False, allow_nan=False)
    for name, content in (("compare.json", text + "\n"), ("compare.md", to_markdown(comparison))):
        with atomic_path(folder / name) as path:
            path.write_text(content, encoding="utf-8")
    for corpus, of_corpus in comparison["corpora"].items():
        for task, found in of_corpus["tasks"].items():
            met = found["contingency"]
            axes = plot_contingency(met["counts"], met["codes"], met["labels"])
            figure = axes.get_figure(root=True)
            assert figure is not None
            save_figure(figure, folder / _figure(corpus, task))


def to_markdown(comparison: Mapping[str, Any]) -> str:
    """The tables of what `compare` gave."""
    lines = [
        f"# Tokens of `{comparison['checkpoint']}` against hand annotation",
        "",
        f"Units: {comparison['segments']}. Intervals are 95 % bootstraps over what is held out, "
        f"seed {comparison['seed']}.",
        "",
    ]
    for name, corpus in comparison["corpora"].items():
        lines += [f"## {name}", "", *_corpus(name, corpus)]
    return "\n".join(lines) + "\n"


def _figure(corpus: str, task: str) -> str:
    """Name of the figure of a task."""
    return re.sub(r"[^\w.-]+", "-", f"{corpus}-{task}") + ".png"


def _corpus(corpus_name: str, corpus: Corpus) -> Iterator[str]:
    yield (
        f"{corpus['utterances']} utterances; labels of {corpus['units']}s; {corpus['held_out']} "
        f"held out ({corpus['groups']})."
    )
    yield ""
    for name, task in corpus["tasks"].items():
        classes = ", ".join(f"{label} {count}" for label, count in task["classes"].items())
        yield from [f"### {name}", "", f"Answers: {classes}.", ""]
        yield from _table(_probes(task["probes"]))
        yield from _table(_information(task["information"]))
        yield from [f"![Word codes and {name}]({_figure(corpus_name, name)})", ""]
    if "contours" in corpus:
        yield from ["### F0 from labels and from tokens", ""]
        yield from _table(_contours(corpus["contours"]))


def _probes(probes: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[list[str]]:
    names = list(next(iter(probes.values())))
    heads = {"macro_f1": "macro-F1", "auc": "AUC"}
    rows = [["told from", *(heads[name] for name in names)]]
    return rows + [[k, *(_cell(scores[name]) for name in names)] for k, scores in probes.items()]


def _information(columns: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    heads = ("ami", "nmi", "homogeneity", "completeness", "v_measure", "purity")
    rows = [["codes of", "different codes", *(head.replace("_", "-") for head in heads)]]
    return rows + [
        [name, str(scores["codes"]), *(f"{scores[head]:.2f}" for head in heads)]
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
    return f"{interval['value']:.2f} ({interval['low']:.2f} to {interval['high']:.2f})"


def _table(rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "| --- " * len(rows[0]) + "|", *lines[1:], ""]
