"""Rate-distortion curves."""

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
    figure_legend,
    new_figure,
    style_axes,
)

#: Title and factor of the panel of each measure.
PANELS = {
    "f0_mae": ("F0 error (cents, mean absolute)", 1.0),
    "f0_mae_agreed": ("F0 error (cents, where trackers agree)", 1.0),
    "vde": ("voicing error (% of frames)", 100.0),
    "energy_rmse": ("energy error (dB, RMSE)", 1.0),
}
HEIGHT = 78.0
#: Ticks within the range of the axis (bits per second).
TICKS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
MARGIN = 1.5
#: Factor of the vertical axis that leaves space for the names of points at the top.
HEADROOM = 1.08
DASHES = (0, (4.0, 2.0))


@dataclass(frozen=True)
class RatePoint:
    """Bit rate and errors of one representation of prosody.

    Parameters
    ----------
    bitrate : float
        Bits per second, positive.
    errors : mapping of str to (value, low, high)
        Measures with their intervals: ``"f0_mae"`` and ``"f0_mae_agreed"`` (cents), ``"vde"``
        (share of frames), ``"energy_rmse"`` (dB). Missing and NaN ones are not drawn.
    coded_bitrate : float, optional
        Bits per second with entropy coding.
    label : str
        Text above the point; points of several curves may share it.
    """

    bitrate: float
    errors: Mapping[str, tuple[float, float, float]]
    coded_bitrate: float | None = None
    label: str = ""


@dataclass(frozen=True)
class RateCurve:
    """Connected points, e.g. the prefixes of levels on one corpus.

    Parameters
    ----------
    name : str
        Name in the legend.
    points : sequence of RatePoint
        In ascending order of rate.
    floors : mapping of str to float
        For each measure, the difference of two good trackers, drawn as a dashed line.
    """

    name: str
    points: Sequence[RatePoint]
    floors: Mapping[str, float] = field(default_factory=dict)


def plot_rate_distortion(
    curves: Sequence[RateCurve], measures: Sequence[str] = ("f0_mae", "vde", "energy_rmse")
) -> Figure:
    """Draw F0, voicing and energy errors against bits per second, one line per curve.

    Filled markers are at the rate of the fixed-length code, hollow ones at the entropy-coded rate.
    Vertical bars are the intervals of the points.

    Parameters
    ----------
    curves : sequence of RateCurve
        Curves; colours repeat after four, markers after eight.
    measures : sequence of str
        Measure of each panel, a key of `RatePoint.errors`.

    Returns
    -------
    Figure
        One panel per measure, side by side over the width of a page.
    """
    figure = new_figure(PAGE_WIDTH, HEIGHT)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    for panel, measure in zip(panels, measures, strict=True):
        text, scale = PANELS[measure]
        for index, curve in enumerate(curves):
            _draw(panel, curve, index, measure, scale)
        _finish_axes(panel, curves, text)
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


def _finish_axes(ax: Axes, curves: Sequence[RateCurve], text: str) -> None:
    rates = [p.bitrate for c in curves for p in c.points]
    rates += [p.coded_bitrate for c in curves for p in c.points if p.coded_bitrate is not None]
    rate_axis(ax, rates)
    ax.set_ylim(bottom=0.0)
    ax.set_title(text, fontsize=LABEL, loc="left")
    style_axes(ax)


def rate_axis(ax: Axes, rates: Sequence[float]) -> None:
    """Make the horizontal axis logarithmic, in bits per second, with all `rates` in its range."""
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
    """Write each label at the top, at the geometric mean of the rates of its points."""
    rates: dict[str, list[float]] = {}
    for curve in curves:
        for point in curve.points:
            if point.label:
                rates.setdefault(point.label, []).append(point.bitrate)
    ax.set_ylim(top=ax.get_ylim()[1] * HEADROOM)
    for label, values in rates.items():
        ax.text(
            float(np.exp(np.mean(np.log(values)))),
            1.0,
            label,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=SMALLEST,
            color=MEASURED,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # covers grid lines
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
    figure_legend(figure, handles, names, columnspacing=1.4, handlelength=2.2)
