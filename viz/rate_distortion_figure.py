"""Rate against distortion: what further bits buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LINE,
    MARKER_SIZE,
    MARKERS,
    MEASURED,
    MUTED,
    PAGE_WIDTH,
    SMALLEST,
    decoded_style,
    dress,
    new_figure,
)

#: What a panel can show: a measure, the panel's title, and what a value is multiplied by.
PANELS = {
    "f0_mae": ("F0 error (cents, mean absolute)", 1.0),
    "f0_mae_agreed": ("F0 error (cents, where trackers agree)", 1.0),
    "vde": ("voicing error (% of frames)", 100.0),
    "energy_rmse": ("energy error (dB, RMSE)", 1.0),
}
HEIGHT = 78.0
#: Bits per second that are written at the axis, where they lie in its range.
TICKS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
MARGIN = 1.5
#: Room for the points' names above what is drawn.
HEADROOM = 1.08
DASHES = (0, (4.0, 2.0))


@dataclass(frozen=True)
class RatePoint:
    """One way to hold prosody: what it costs, and how far it is off.

    Parameters
    ----------
    bitrate : float
        Bits per second, positive.
    errors : mapping of str to (value, low, high)
        Measures with their intervals: ``"f0_mae"`` and ``"f0_mae_agreed"`` (cents), ``"vde"``
        (share of frames), ``"energy_rmse"`` (dB). One that is absent or NaN is not drawn.
    coded_bitrate : float, optional
        Bits per second when entropy-coded.
    label : str
        What is written above the point; points of several curves may share it.
    """

    bitrate: float
    errors: Mapping[str, tuple[float, float, float]]
    coded_bitrate: float | None = None
    label: str = ""


@dataclass(frozen=True)
class RateCurve:
    """Points that belong together, e.g. the prefixes of levels on one corpus.

    Parameters
    ----------
    name : str
        What the legend calls it.
    points : sequence of RatePoint
        By rising rate; a line joins them.
    floors : mapping of str to float
        For each measure, what even two good trackers differ by; a dashed line.
    """

    name: str
    points: Sequence[RatePoint]
    floors: Mapping[str, float] = field(default_factory=dict)


def plot_rate_distortion(
    curves: Sequence[RateCurve], measures: Sequence[str] = ("f0_mae", "vde", "energy_rmse")
) -> Figure:
    """Draw F0, voicing and energy errors against bits per second, a line for each curve.

    Filled marks stand at the rate of the stream at fixed length, hollow ones at the same error and
    the entropy-coded rate. Bars are the points' intervals.

    Parameters
    ----------
    curves : sequence of RateCurve
        What to compare; colours start again after four, marks after eight.
    measures : sequence of str
        What the panels show, of those that a `RatePoint` can hold.

    Returns
    -------
    Figure
        Panels side by side over the width of a page, one for each measure.
    """
    figure = new_figure(PAGE_WIDTH, HEIGHT)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    for panel, measure in zip(panels, measures, strict=True):
        text, scale = PANELS[measure]
        for index, curve in enumerate(curves):
            _draw(panel, curve, index, measure, scale)
        _dress(panel, curves, text)
        _labels(panel, curves)
    _legend(figure, curves)
    return figure


def _draw(ax: Axes, curve: RateCurve, index: int, measure: str, scale: float) -> None:
    color, marker = decoded_style(index).color, MARKERS[index % len(MARKERS)]
    points = [p for p in curve.points if measure in p.errors and p.errors[measure][0] >= 0]
    for point in points:
        value, low, high = (scale * x for x in point.errors[measure])
        ax.plot([point.bitrate] * 2, [low, high], color=color, linewidth=LINE, alpha=0.6)
        if point.coded_bitrate is not None:
            coded = point.coded_bitrate
            ax.plot([coded, point.bitrate], [value] * 2, color=color, linewidth=HAIR)
            ax.plot(coded, value, marker, ms=MARKER_SIZE, mec=color, mfc="white", mew=HAIR * 1.5)
    ax.plot(
        [p.bitrate for p in points],
        [scale * p.errors[measure][0] for p in points],
        marker=marker,
        markersize=MARKER_SIZE,
        color=color,
        linewidth=LINE,
        label=curve.name,
    )
    if curve.floors.get(measure, -1.0) >= 0:
        floor = scale * curve.floors[measure]
        ax.axhline(floor, color=color, linewidth=HAIR * 1.5, linestyle=DASHES, zorder=0)


def _dress(ax: Axes, curves: Sequence[RateCurve], text: str) -> None:
    rates = [p.bitrate for c in curves for p in c.points]
    rates += [p.coded_bitrate for c in curves for p in c.points if p.coded_bitrate is not None]
    rate_axis(ax, rates)
    ax.set_ylim(bottom=0.0)
    ax.set_title(text, fontsize=LABEL, loc="left")
    dress(ax)


def rate_axis(ax: Axes, rates: Sequence[float]) -> None:
    """Let the horizontal axis be bits per second, logarithmic, with all of `rates` in its range."""
    ax.set_xscale("log")
    if rates:
        low, high = min(rates) / MARGIN, max(rates) * MARGIN
        ax.set_xlim(low, high)
        ticks = [t for t in TICKS if low <= t <= high]
        ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("bit/s", fontsize=LABEL)
    ax.grid(axis="y", color=MUTED, linewidth=HAIR, alpha=0.5)
    ax.set_axisbelow(True)


def _labels(ax: Axes, curves: Sequence[RateCurve]) -> None:
    """Name the points over the middle of those that share a name, above all that is drawn."""
    rates: dict[str, list[float]] = {}
    for curve in curves:
        for point in curve.points:
            if point.label:
                rates.setdefault(point.label, []).append(point.bitrate)
    ax.set_ylim(top=ax.get_ylim()[1] * HEADROOM)
    for label, found in rates.items():
        ax.text(
            float(np.exp(np.mean(np.log(found)))),
            1.0,
            label,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=SMALLEST,
            color=MEASURED,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # over the grid's lines
        )


def _legend(figure: Figure, curves: Sequence[RateCurve]) -> None:
    handles, names = figure.axes[0].get_legend_handles_labels()
    if any(p.coded_bitrate is not None for c in curves for p in c.points):
        hollow = Line2D([], [], color=MEASURED, marker="o", ms=MARKER_SIZE, mfc="white", ls="")
        handles.append(hollow)
        names.append("entropy-coded")
    if any(c.floors for c in curves):
        handles.append(Line2D([], [], color=MEASURED, linewidth=HAIR * 1.5, linestyle=DASHES))
        names.append("two trackers differ")
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=max(1, len(handles)),
        fontsize=LABEL,
        frameon=False,
        columnspacing=1.4,
        handlelength=2.2,
    )
