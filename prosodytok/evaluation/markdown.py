"""An evaluation as Markdown tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

#: Columns of the tables of errors: measure, heading, factor, digits.
ERRORS = (
    ("f0_mae", "F0 MAE (c)", 1, 0),
    ("f0_rmse", "F0 RMSE (c)", 1, 0),
    ("f0_rmse_agreed", "F0 RMSE agreed (c)", 1, 0),
    ("f0_corr", "F0 corr.", 1, 2),
    ("gpe", "GPE %", 100, 1),
    ("vde", "VDE %", 100, 1),
    ("ffe", "FFE %", 100, 1),
    ("energy_rmse", "energy (dB)", 1, 1),
)
#: Columns of the short tables, of the parts of a corpus.
BRIEF = tuple(column for column in ERRORS if column[0] not in ("f0_rmse", "gpe", "ffe"))
#: Measures that another helper module makes; each brings its own table.
EXTRAS = ("boundaries", "intervention", "leakage")
#: What stands where nothing could be measured.
NONE = "n/a"
WAYS = {"fixed": "fixed length", "unigram": "unigram", "context": "context model"}


def to_markdown(evaluation: Mapping[str, Any]) -> str:
    """The tables of what `evaluate` gave."""
    lines = [f"# Evaluation of `{evaluation['checkpoint']}`", "", _preface(evaluation), ""]
    for name, corpus in evaluation["corpora"].items():
        lines += [f"## {name}", "", *_corpus(corpus)]
    lines += ["![Rate and distortion](rate_distortion.png)"]
    return "\n".join(lines) + "\n"


def _preface(evaluation: Mapping[str, Any]) -> str:
    units = {
        "acoustic": "found in the sound alone",
        "learned": "found in the sound by the boundary model",
        "even": "of one length",
        "given": "given by the manifest",
    }
    second = evaluation["second_tracker"]
    agreed = (
        f'"Agreed" counts the frames where {second} is within 20 % of it.'
        if second
        else "SwiftF0 is not installed (pip install 'prosodytok[swift-f0]'): on which frames two "
        "trackers agree is not measured."
    )
    return (
        f"Units {units[evaluation['segments']]}. The reference is plain Praat (75 to 500 Hz, no "
        f"octave guard) and its errors count over frames that it calls voiced. {agreed} Intervals "
        f"are 95 % bootstraps, seed {evaluation['seed']}."
    )


def _corpus(corpus: Mapping[str, Any]) -> list[str]:
    left_out = f", {corpus['left_out']} left out" if corpus["left_out"] else ""
    units = ", ".join(f"{k} {v:.2f}" for k, v in corpus["units_per_second"].items())
    lines = [
        f"{corpus['utterances']} utterances, {corpus['seconds'] / 60:.1f} min, "
        f"{corpus['speakers']} speakers{left_out}; intervals resample {corpus['resampled']}. "
        f"Units a second: {units}.",
        "",
        *_errors(corpus),
        *_rates(corpus),
        *_durations(corpus["durations"]),
        *_codebooks(corpus["codebooks"]),
        *_parts(corpus["parts"]),
    ]
    for extra in EXTRAS:
        if extra in corpus:
            lines += [f"### {extra.capitalize()}", "", *_given(corpus[extra]["table"]), ""]
    return lines


def _errors(corpus: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, scores in corpus["errors"].items():
        rates = corpus["bits_per_second"].get(name)
        rate = f"{rates['fixed']['total']['value']:.1f}" if rates else NONE
        cells = [_interval(scores.get(m), factor, digits) for m, _, factor, digits in ERRORS]
        rows.append([name, rate, *cells])
    return _table(["", "bit/s", *(heading for _, heading, _, _ in ERRORS)], rows)


def _rates(corpus: Mapping[str, Any]) -> list[str]:
    rows = []
    for prefix, ways in corpus["bits_per_second"].items():
        for way, rates in ways.items():
            parts = ", ".join(f"{k} {v['value']:.1f}" for k, v in rates.items() if k != "total")
            rows.append([prefix, WAYS[way], _interval(rates["total"], 1, 1), parts])
    note = (
        f"Coded lengths are ideal; their tables are counted on other {corpus['resampled']} of this "
        "corpus and are no part of the stream."
    )
    return [*_table(["levels", "coded", "bit/s", "of which"], rows), note, ""]


def _durations(durations: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            kind,
            str(durations[kind]["units"]),
            _interval(durations[kind]["octaves"], 1, 2),
            _interval(durations[kind]["median_ms"], 1, 0),
        ]
        for kind in ("words", "pauses")
    ]
    bits = durations["bits_per_unit"]
    note = (
        f"To write a word's duration down takes {bits['given_codes']['value']:.2f} bits around "
        f"what its codes say, and {bits['without_codes']['value']:.2f} without them."
    )
    heads = ["durations that codes say", "units", "off by (octaves, mean)", "off by (ms, median)"]
    return [*_table(heads, rows), note, ""]


def _codebooks(levels: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            name if len(books) == 1 else f"{name} {index}",
            str(book["size"]),
            str(book["units"]),
            f"{book['usage']['value']:.0%}",
            _interval(book["perplexity"], 1, 0),
        ]
        for name, books in levels.items()
        for index, book in enumerate(books, 1)
    ]
    return _table(["codebook", "codes", "units", "used", "perplexity"], rows)


def _parts(parts: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, part in parts.items():
        for prefix, rates in list(part["bits_per_second"].items())[1:]:
            scores = part["errors"][prefix]
            cells = [_interval(scores.get(m), factor, digits) for m, _, factor, digits in BRIEF]
            rate = f"{rates['fixed']['total']['value']:.1f}"
            rows.append([name, str(part["utterances"]), prefix, rate, *cells])
    heads = ["part", "utterances", "levels", "bit/s", *(heading for _, heading, _, _ in BRIEF)]
    return _table(heads, rows) if rows else []


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    body = [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows]]
    return [*body, ""]


def _interval(interval: Mapping[str, float] | None, factor: float, digits: int) -> str:
    if interval is None or math.isnan(interval["value"]):
        return NONE
    value, low, high = (f"{factor * interval[k]:.{digits}f}" for k in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _given(table: str | Iterable[str]) -> list[str]:
    return table.splitlines() if isinstance(table, str) else list(table)
