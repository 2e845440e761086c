"""What a changed code moves, and how far away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LINE,
    MARKER_SIZE,
    MARKERS,
    MUTED,
    PAGE_WIDTH,
    SMALLEST,
    decoded_style,
    dress,
    new_figure,
)

#: What the panels show: the stream, the axis' text, and what a value is multiplied by.
PANELS = (
    ("f0", "change of F0 (cents, RMS)", 1.0),
    ("voicing", "voicing flipped (% of frames)", 100.0),
    ("energy", "change of energy (dB, RMS)", 1.0),
)
#: Distances from the changed unit, as the measures name them, and what is written at the axis.
PLACES = {
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
    """Draw how much another code changes in its unit and at growing distances from it.

    Parameters
    ----------
    measured : mapping
        What `evaluation.intervention.measure_intervention` gave.
    levels_heard : {"all", "prefix"}
        Decoded with all levels, or with those down to the changed one. The finest level's prefix is
        all levels.
    choice : {"random", "farthest"}
        How the other code was chosen.

    Returns
    -------
    Figure
        Three panels of page width, for F0, voicing and energy; a line for each codebook, with its
        95 % intervals.
    """
    figure = new_figure(PAGE_WIDTH, HEIGHT)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(PANELS))
    for panel, (stream, text, scale) in zip(panels, PANELS, strict=True):
        for index, swap in enumerate(_chosen(measured, levels_heard, choice)):
            _draw(panel, swap, index, stream, scale)
        _dress(panel, text)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=max(1, len(handles)),
        fontsize=LABEL,
        frameon=False,
    )
    return figure


def _chosen(measured: Mapping[str, Any], levels_heard: str, choice: str) -> list[Mapping[str, Any]]:
    swaps = [s for s in measured["swaps"] if s["choice"] == choice]
    finest = swaps[-1]["level"] if swaps else ""
    return [s for s in swaps if s["levels_heard"] == levels_heard or s["level"] == finest]


def _draw(ax: Axes, swap: Mapping[str, Any], index: int, stream: str, scale: float) -> None:
    values = [[scale * swap[f"{stream} {p}"][k] for p in PLACES] for k in ("value", "low", "high")]
    color = decoded_style(index).color
    many = swap["codebook"] > 1
    ax.plot(
        range(len(PLACES)),
        values[0],
        color=color,
        linewidth=LINE,
        marker=MARKERS[index % len(MARKERS)],
        markersize=MARKER_SIZE,
        label=f"{swap['level']} code{' ' + str(swap['codebook']) if many else ''}"
        f" ({swap['unit_ms']:.0f} ms)",
    )
    ax.fill_between(range(len(PLACES)), values[1], values[2], color=color, alpha=0.2, linewidth=0)


def _dress(ax: Axes, text: str) -> None:
    ax.set_xticks(range(len(PLACES)), list(PLACES.values()), rotation=45, ha="right")
    ax.set_ylim(bottom=0.0)
    ax.grid(axis="y", color=MUTED, linewidth=HAIR, alpha=0.5)
    ax.set_axisbelow(True)
    ax.set_title(text, fontsize=LABEL, loc="left")
    ax.set_xlabel("distance from the changed unit", fontsize=SMALLEST)
    dress(ax)
