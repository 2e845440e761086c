"""Summaries of results as tables and a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from methods import Result

from prosodytok.evaluation import Interval, error_intervals
from prosodytok.evaluation.markdown import format_interval
from prosodytok.viz import RateCurve, RatePoint, plot_rate_distortion, save_figure

#: Measures: name, heading, factor, digits, and the stream that they require.
MEASURES = (
    ("f0_mae_agreed", "F0 MAE agreed (c)", 1, 0, "f0"),
    ("f0_rmse_agreed", "F0 RMSE agreed (c)", 1, 0, "f0"),
    ("f0_mae", "F0 MAE, all (c)", 1, 0, "f0"),
    ("vde", "VDE %", 100, 1, "voicing"),
    ("gpe", "GPE %", 100, 1, "voicing"),
    ("energy_rmse", "energy (dB)", 1, 1, "energy"),
)
#: Measures of the figure's panels.
PANELS = ("f0_mae_agreed", "vde", "energy_rmse")
LEGEND_COLUMNS = 5
FLOOR = "SwiftF0 against Praat"

Summary = dict[str, Any]


def summarize(
    results: Sequence[Result], speakers: Sequence[str | None], seconds: float
) -> list[Summary]:
    """Rates and errors of each method with 95 % intervals; None where a stream is not coded."""
    return [_summary(result, speakers, seconds) for result in results]


def _summary(result: Result, speakers: Sequence[str | None], seconds: float) -> Summary:
    intervals = error_intervals(result.errors, speakers)
    return {
        "name": result.name,
        "family": result.family,
        "bits_per_second": _rate(result.bits, seconds),
        "coded_bits_per_second": _rate(result.coded_bits, seconds),
        "errors": {
            name: astuple(intervals[name]) if stream in result.streams else None
            for name, _, _, _, stream in MEASURES
        },
    }


def _rate(bits: Sequence[float], seconds: float) -> float | None:
    total = sum(bits)
    return None if not bits or math.isnan(total) else total / seconds


def to_markdown(run: Mapping[str, Any]) -> str:
    """One table for each corpus."""
    head = ["bit/s", "entropy-coded", *(heading for _, heading, *_ in MEASURES)]
    lines = []
    for name, corpus in run["corpora"].items():
        lines += [
            f"## {name}",
            "",
            f"{corpus['utterances']} utterances, {corpus['seconds'] / 60:.1f} min.",
            "",
            f"| | {' | '.join(head)} |",
            f"| --- |{' --- |' * len(head)}",
            *(_row(method) for method in corpus["methods"]),
            "",
        ]
    return "\n".join(lines)


def _row(method: Summary) -> str:
    rates = [method["bits_per_second"], method["coded_bits_per_second"]]
    cells = ["n/a" if rate is None else f"{rate:.0f}" for rate in rates]
    for name, _, factor, digits, _ in MEASURES:
        error = method["errors"][name]
        cells.append(format_interval(error and Interval(*error), factor, digits))
    return f"| {method['name']} | {' | '.join(cells)} |"


def write_figure(methods: Sequence[Summary], folder: Path) -> None:
    """Draw ``rate_distortion.png`` and ``.pdf`` of one corpus."""
    families: dict[str, list[Summary]] = {}
    for method in methods:
        families.setdefault(method["family"], []).append(method)
    floors = {m["name"]: m["errors"] for m in families.pop("floors", [])}.get(FLOOR, {})
    limits = {m: floors[m][0] for m in PANELS if floors.get(m)}
    curves = [
        RateCurve(family, _points(found), limits if family == "ours" else {})
        for family, found in families.items()
    ]
    figure = plot_rate_distortion(curves, PANELS)
    _fold_legend(figure)
    for suffix in ("png", "pdf"):
        save_figure(figure, folder / f"rate_distortion.{suffix}")


def _fold_legend(figure: Figure) -> None:
    """Split the legend into rows: the methods do not fit into one."""
    single = figure.legends.pop()
    names = [text.get_text() for text in single.get_texts()]
    size = single.get_texts()[0].get_fontsize()
    place = "outside upper left"
    figure.legend(
        single.legend_handles, names, loc=place, ncols=LEGEND_COLUMNS, fontsize=size, frameon=False
    )


def _points(methods: Sequence[Summary]) -> list[RatePoint]:
    points = []
    for method in methods:
        fixed, coded = method["bits_per_second"], method["coded_bits_per_second"]
        errors = {m: method["errors"][m] for m in PANELS if method["errors"][m]}
        # Without a fixed-length rate, the filled mark is the entropy-coded one.
        points.append(RatePoint(fixed or coded, errors, coded if fixed else None))
    return sorted(points, key=lambda point: point.bitrate)
