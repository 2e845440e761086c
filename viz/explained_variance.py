"""Explained variance of F0 against bit rate: hand labels and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from matplotlib.axes import Axes

from prosodytok.viz import figure_style as style
from prosodytok.viz.rate_distortion_figure import DASHES, HEADROOM, rate_axis

HEIGHT = 80.0
#: Offset of the end of a name from its point (pt), where a rising line leaves space.
NAME_OFFSET = (-4.0, 3.0)
#: Space for those names left of the first point, as a factor of its bits.
NAME_SPACE = 0.7

Predictor = Mapping[str, Any]


def plot_explained(predictors: Mapping[str, Predictor], *, ax: Axes | None = None) -> Axes:
    """Draw R² of F0 against bits per second, with intervals, for several predictors of F0.

    Predictors with one rate are tokens: a line connects the prefixes of levels, and other subsets,
    with names that end in "alone", are separate points. A predictor with a range of rates, such as
    hand labels with and without the cost of their positions, is a point with a horizontal bar. A
    predictor without cost is a dashed line with its interval in grey.

    Parameters
    ----------
    predictors : mapping of str to mapping
        For each predictor ``"r2"``, with ``"value"``, ``"low"`` and ``"high"``, and
        ``"bits_per_second"``, the lowest and the highest rate; ``"contours"`` of compare.json.
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Bits per second on the logarithmic horizontal axis; the legend is above.
    """
    ax = style.axes_or_new(ax, HEIGHT)
    rates = {name: each["bits_per_second"] for name, each in predictors.items()}
    paid = {name: each for name, each in predictors.items() if rates[name][1] > 0}
    ranges = {name: each for name, each in paid.items() if rates[name][0] < rates[name][1]}
    subsets = {name: each for name, each in paid.items() if name.endswith("alone")}
    for name in predictors:
        if name not in paid:
            _draw_baseline(ax, name, predictors[name])
    _draw_prefixes(ax, {n: p for n, p in paid.items() if n not in ranges and n not in subsets})
    for name, subset in subsets.items():
        _draw_subset(ax, name, subset)
    for index, (name, each) in enumerate(ranges.items()):
        _draw_range(ax, name, each, index)
    bits = [rate for name in paid for rate in rates[name]]
    rate_axis(ax, [NAME_SPACE * min(bits), *bits] if bits else [])
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), HEADROOM)
    ax.set_ylabel("F0 explained (R²)", fontsize=style.LABEL)
    style.style_axes(ax)
    if predictors:
        style.legend_beside(
            ax, "lower left", (0.0, 1.0), ncols=4, handlelength=2.4, columnspacing=1.6
        )
    return ax


def _draw_baseline(ax: Axes, name: str, predictor: Predictor) -> None:
    r2 = predictor["r2"]
    ax.axhspan(r2["low"], r2["high"], color=style.MUTED, alpha=0.25, linewidth=0, zorder=0)
    ax.axhline(
        r2["value"], color=style.MEASURED, linewidth=style.LINE, linestyle=DASHES, label=name
    )


def _draw_prefixes(ax: Axes, predictors: Mapping[str, Predictor]) -> None:
    color = style.decoded_style(2).color
    rates = [each["bits_per_second"][0] for each in predictors.values()]
    values = [each["r2"]["value"] for each in predictors.values()]
    ax.plot(
        rates, values, "o-", color=color, ms=style.MARKER_SIZE, linewidth=style.LINE, label="tokens"
    )
    for rate, value, (name, predictor) in zip(rates, values, predictors.items(), strict=True):
        _draw_interval(ax, rate, predictor, color)
        ax.annotate(
            name if "+" not in name else "+ " + name.split()[-1],
            (rate, value),
            NAME_OFFSET,
            textcoords="offset points",
            ha="right",
            fontsize=style.SMALLEST,
            parse_math=False,
        )


def _draw_subset(ax: Axes, name: str, predictor: Predictor) -> None:
    color, rate = style.decoded_style(2).color, predictor["bits_per_second"][0]
    value = predictor["r2"]["value"]
    ax.plot(rate, value, "o", color=color, mfc="none", ms=style.MARKER_SIZE + 1, label=name)
    _draw_interval(ax, rate, predictor, color)


def _draw_range(ax: Axes, name: str, predictor: Predictor, index: int) -> None:
    low, high = predictor["bits_per_second"]
    value, middle = predictor["r2"]["value"], sqrt(low * high)
    color = style.LABELLED[
        2 * index % len(style.LABELLED)
    ]  # every second: the one after resembles the tokens
    marker = style.MARKERS[1 + index % (len(style.MARKERS) - 1)]
    ax.plot([low, high], [value] * 2, "|-", color=color, linewidth=style.LINE, ms=5.0)
    ax.plot(middle, value, marker, color=color, ms=style.MARKER_SIZE, label=name)
    _draw_interval(ax, middle, predictor, color)


def _draw_interval(ax: Axes, rate: float, predictor: Predictor, color: str) -> None:
    r2 = predictor["r2"]
    ax.plot([rate] * 2, [r2["low"], r2["high"]], color=color, linewidth=2 * style.HAIR)
