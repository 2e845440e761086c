"""Agreement of the tokens of recordings with those of changed copies, by codebook."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from prosodytok.viz import figure_style as style

#: Height of a row, and of what is above and below the rows (mm).
ROW, MARGINS = 4.6, 22.0
#: Names of the yardsticks begin with this word; they code the units of this level.
YARDSTICK, YARDSTICK_LEVEL = "k-means", "word"
#: Colours of the levels, of the palette of the decoded prefixes of levels.
COLORS = {"phrase": "#009E73", "word": "#0072B2", "frame": "#D55E00"}
#: Shift (rows) of the marks of the tokens and of the yardstick from the middle of their row.
ABOVE, BELOW = -0.14, 0.2
#: Size of the marks (pt).
MARK, SMALL = 3.6, 2.6
CHANCE_DASHES = (0, (2.0, 2.0))


def plot_stability(measured: Mapping[str, Any]) -> Figure:
    """Draw the share of time in which changed copies have the same code, a row for each change.

    Parameters
    ----------
    measured : mapping
        ``corpora.NAME.stability`` in evaluation.json, or ``asdict`` of a `Stability`.

    Returns
    -------
    Figure
        One panel for each codebook, side by side over the width of a page. Filled marks with 95 %
        intervals are the agreement over all frames, hollow ones that without pauses. Grey marks are
        k-means codes of the same words, of the number of codes that is nearest; a dashed line is
        the agreement by chance.
    """
    names = [name for name in measured["codebooks"] if not name.startswith(YARDSTICK)]
    figure = style.new_figure(style.PAGE_WIDTH, ROW * len(measured["changes"]) + MARGINS)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        _draw_yardstick(panel, measured, name)
        _draw(panel, measured, name)
        _finish_axes(panel, measured, name)
    figure.supxlabel("same code (% of time)", fontsize=style.LABEL)
    _legend(figure, any(_yardstick_of(measured, name) for name in names))
    return figure


def _draw(ax: Axes, measured: Mapping[str, Any], name: str) -> None:
    color = COLORS[_level_of(name)]
    for row, scores in enumerate(measured["changes"].values()):
        every, speech = scores["agreement"][name], scores["speech"][name]
        _interval(ax, every, row + ABOVE, color)
        if _defined(every):
            ax.plot(100 * every["value"], row + ABOVE, "o", ms=MARK, color=color, zorder=3)
        if _defined(speech):
            share, edge = 100 * speech["value"], style.HAIR * 1.5
            ax.plot(share, row + ABOVE, "o", ms=SMALL, mec=color, mfc="white", mew=edge, zorder=4)
    chance = 100 * measured["codebooks"][name]["chance"]
    ax.axvline(chance, color=style.MEASURED, linewidth=style.HAIR * 1.5, linestyle=CHANCE_DASHES)


def _draw_yardstick(ax: Axes, measured: Mapping[str, Any], name: str) -> None:
    yardstick = _yardstick_of(measured, name)
    if yardstick is None:
        return
    for row, scores in enumerate(measured["changes"].values()):
        interval = scores["agreement"][yardstick]
        if _defined(interval):
            _interval(ax, interval, row + BELOW, style.MUTED)
            ax.plot(100 * interval["value"], row + BELOW, "D", ms=SMALL, color="0.55", zorder=2)


def _interval(ax: Axes, interval: Mapping[str, Any], row: float, color: str) -> None:
    if _defined(interval):
        bounds = [100 * interval["low"], 100 * interval["high"]]
        ax.plot(bounds, [row, row], color=color, linewidth=style.LINE, alpha=0.6, zorder=1)


def _finish_axes(ax: Axes, measured: Mapping[str, Any], name: str) -> None:
    rows = list(measured["changes"])
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-3, 103)
    ax.set_xticks(range(0, 101, 25))
    ax.set_title(
        f"{name}, {measured['codebooks'][name]['codes']} codes", fontsize=style.LABEL, loc="left"
    )
    ax.grid(axis="y", color=style.MUTED, linewidth=style.HAIR, alpha=0.5)
    ax.set_axisbelow(True)
    style.style_axes(ax)


def _yardstick_of(measured: Mapping[str, Any], name: str) -> str | None:
    """The yardstick beside a codebook: that with the nearest number of codes."""
    codebooks: Mapping[str, Mapping[str, Any]] = measured["codebooks"]
    found = [other for other in codebooks if other.startswith(YARDSTICK)]
    if _level_of(name) != YARDSTICK_LEVEL or not found:
        return None
    codes = codebooks[name]["codes"]
    return min(found, key=lambda other: abs(log(codebooks[other]["codes"] / codes)))


def _level_of(codebook: str) -> str:
    return codebook.split()[0]


def _defined(interval: Mapping[str, Any]) -> bool:
    """Whether a value is a number, and not NaN or, read from JSON, null."""
    return interval["value"] is not None and interval["value"] == interval["value"]


def _legend(figure: Figure, yardstick: bool) -> None:
    color = style.MEASURED
    handles = {
        "all frames": Line2D([], [], color=color, marker="o", ms=MARK, lw=style.LINE),
        "without pauses": Line2D(
            [], [], marker="o", ms=SMALL, mec=color, mfc="white", mew=style.HAIR * 1.5, ls=""
        ),
        "chance": Line2D([], [], color=color, lw=style.HAIR * 1.5, ls=CHANCE_DASHES),
    }
    if yardstick:
        handles["k-means of plain features"] = Line2D(
            [], [], color="0.55", marker="D", ms=SMALL, lw=style.LINE
        )
    style.figure_legend(figure, list(handles.values()), list(handles))
