"""How much of the melody is explained, and at how many bits: hand labels beside tokens."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from matplotlib.axes import Axes

from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LABELLED,
    LINE,
    MARKER_SIZE,
    MARKERS,
    MEASURED,
    MUTED,
    SMALLEST,
    axes_or_new,
    decoded_style,
    dress,
    legend_beside,
)
from prosodytok.viz.rate_distortion_figure import DASHES, HEADROOM, rate_axis

HEIGHT = 80.0
#: Where a point's name ends, from the point (pt): a rising line leaves that place free.
NAME_AT = (-4.0, 3.0)
#: Room for those names left of the first point, as a factor of its bits.
ROOM = 0.7

Way = Mapping[str, Any]


def plot_explained(ways: Mapping[str, Way], *, ax: Axes | None = None) -> Axes:
    """Draw R² of F0 against bits per second, with intervals, for several ways to tell F0.

    Ways at one rate are tokens: a line joins the prefixes of levels, and another subset, whose name
    ends in "alone", is a mark of its own. What costs between so many and so
    many bits, as hand labels do by how their places are paid for, is a mark with a bar from one to
    the other. What costs nothing is a dashed line with its interval in grey.

    Parameters
    ----------
    ways : mapping of str to mapping
        For each way ``"r2"``, with its ``"value"``, ``"low"`` and ``"high"``, and
        ``"bits_per_second"``, the least and the most: what compare.json holds as ``"contours"``.
    ax : Axes, optional
        Where to draw; a new figure when not given.

    Returns
    -------
    Axes
        With bits per second on the horizontal axis, logarithmic; a legend stands above.
    """
    ax = axes_or_new(ax, HEIGHT)
    free = {name: way for name, way in ways.items() if way["bits_per_second"][1] == 0}
    paid = {name: way for name, way in ways.items() if name not in free}
    ranges = {n: w for n, w in paid.items() if w["bits_per_second"][0] < w["bits_per_second"][1]}
    for name, way in free.items():
        _draw_floor(ax, name, way)
    lone = {name: way for name, way in paid.items() if name.endswith("alone")}
    _draw_prefixes(ax, {n: way for n, way in paid.items() if n not in ranges and n not in lone})
    for name, way in lone.items():
        _draw_lone(ax, name, way)
    for index, (name, way) in enumerate(ranges.items()):
        _draw_range(ax, name, way, index)
    bits = [b for way in paid.values() for b in way["bits_per_second"]]
    rate_axis(ax, [ROOM * min(bits), *bits] if bits else [])
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), HEADROOM)
    ax.set_ylabel("F0 explained (R²)", fontsize=LABEL)
    dress(ax)
    if ways:
        legend_beside(ax, "lower left", (0.0, 1.0), ncols=4, handlelength=2.4, columnspacing=1.6)
    return ax


def _draw_floor(ax: Axes, name: str, way: Way) -> None:
    r2 = way["r2"]
    ax.axhspan(r2["low"], r2["high"], color=MUTED, alpha=0.25, linewidth=0, zorder=0)
    ax.axhline(r2["value"], color=MEASURED, linewidth=LINE, linestyle=DASHES, label=name)


def _draw_prefixes(ax: Axes, ways: Mapping[str, Way]) -> None:
    color = decoded_style(2).color
    rates = [way["bits_per_second"][0] for way in ways.values()]
    values = [way["r2"]["value"] for way in ways.values()]
    ax.plot(rates, values, "o-", color=color, ms=MARKER_SIZE, linewidth=LINE, label="tokens")
    for rate, (name, way) in zip(rates, ways.items(), strict=True):
        _interval(ax, rate, way, color)
        ax.annotate(
            name if "+" not in name else "+ " + name.split()[-1],
            (rate, way["r2"]["value"]),
            NAME_AT,
            textcoords="offset points",
            ha="right",
            fontsize=SMALLEST,
            parse_math=False,
        )


def _draw_lone(ax: Axes, name: str, way: Way) -> None:
    color, rate = decoded_style(2).color, way["bits_per_second"][0]
    ax.plot(rate, way["r2"]["value"], "o", color=color, mfc="none", ms=MARKER_SIZE + 1, label=name)
    _interval(ax, rate, way, color)


def _draw_range(ax: Axes, name: str, way: Way, index: int) -> None:
    least, most = way["bits_per_second"]
    color = LABELLED[2 * index % len(LABELLED)]  # every other one: the second is like the tokens'
    marker = MARKERS[1 + index % (len(MARKERS) - 1)]
    ax.plot([least, most], [way["r2"]["value"]] * 2, "|-", color=color, linewidth=LINE, ms=5.0)
    middle = sqrt(least * most)
    ax.plot(middle, way["r2"]["value"], marker, color=color, ms=MARKER_SIZE, label=name)
    _interval(ax, middle, way, color)


def _interval(ax: Axes, rate: float, way: Way, color: str) -> None:
    ax.plot([rate] * 2, [way["r2"]["low"], way["r2"]["high"]], color=color, linewidth=2 * HAIR)
