"""Effect of a changed code on the decoded prosody, by distance from its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.viz import figure_style as style

#: Measure, title and factor of each panel.
PANELS = (
    ("f0", "change of F0 (cents, RMS)", 1.0),
    ("voicing", "voicing flipped (% of frames)", 100.0),
    ("energy", "change of energy (dB, RMS)", 1.0),
)
#: Tick labels of the distances from the changed unit.
DISTANCES = {
    "inside": "in unit",
    "0-80 ms": "0-80",
    "80-160 ms": "80-160",
    "160-320 ms": "160-320",
    "320-640 ms": "320-640",
    "> 640 ms": "> 640 ms",
}
HEIGHT = 72.0


def plot_intervention(
    measured: Mapping[str, Any], *, levels_heard: str = "all", choice: str = "random"
) -> Figure:
    """Draw the change by another code in its unit and at increasing distances from it.

    Parameters
    ----------
    measured : mapping
        `Intervention.to_dict()`, or ``intervention`` in evaluation.json.
    levels_heard : {"all", "prefix"}
        Levels of the decoded prosody: all, or those down to the changed one. For the finest level,
        both are the same.
    choice : {"random", "farthest"}
        Choice of the other code.

    Returns
    -------
    Figure
        Three panels over the width of a page, for F0, voicing and energy; one line per codebook,
        with 95 % intervals.
    """
    figure = style.new_figure(style.PAGE_WIDTH, HEIGHT)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(PANELS))
    for panel, (measure, text, scale) in zip(panels, PANELS, strict=True):
        for index, swap in enumerate(_select(measured, levels_heard, choice)):
            _draw(panel, swap, index, measure, scale)
        _finish_axes(panel, text)
    style.figure_legend(figure, *panels[0].get_legend_handles_labels())
    return figure


def _select(measured: Mapping[str, Any], levels_heard: str, choice: str) -> list[Mapping[str, Any]]:
    swaps = [s for s in measured["swaps"] if s["choice"] == choice]
    finest = swaps[-1]["level"] if swaps else ""
    return [s for s in swaps if s["levels_heard"] == levels_heard or s["level"] == finest]


def _draw(ax: Axes, swap: Mapping[str, Any], index: int, measure: str, scale: float) -> None:
    intervals = [swap[f"{measure} {distance}"] for distance in DISTANCES]
    values, low, high = ([scale * each[k] for each in intervals] for k in ("value", "low", "high"))
    color = style.decoded_style(index).color
    many = swap["codebook"] > 1
    ax.plot(
        range(len(DISTANCES)),
        values,
        color=color,
        linewidth=style.LINE,
        marker=style.MARKERS[index % len(style.MARKERS)],
        markersize=style.MARKER_SIZE,
        label=f"{swap['level']} code{' ' + str(swap['codebook']) if many else ''}"
        f" ({swap['unit_ms']:.0f} ms)",
    )
    ax.fill_between(range(len(DISTANCES)), low, high, color=color, alpha=0.2, linewidth=0)


def _finish_axes(ax: Axes, text: str) -> None:
    ax.set_xticks(range(len(DISTANCES)), list(DISTANCES.values()), rotation=45, ha="right")
    ax.set_ylim(bottom=0.0)
    ax.grid(axis="y", color=style.MUTED, linewidth=style.HAIR, alpha=0.5)
    ax.set_axisbelow(True)
    ax.set_title(text, fontsize=style.LABEL, loc="left")
    ax.set_xlabel("distance from the changed unit", fontsize=style.SMALLEST)
    style.style_axes(ax)
