"""An atlas of codes: what each one sounds like, and where it was found."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz.code_contours import CodeEntry
from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LEFT,
    MM_PER_INCH,
    MUTED,
    PAGE_WIDTH,
    SMALLEST,
    THICK,
    TITLE,
    decoded_style,
    dress,
    new_figure,
)
from prosodytok.viz.fitted_text import shorten

#: Height of a panel, space between panels, and what a panel's texts take over and under it (mm).
PANEL, BESIDE, OVER, UNDER = 20.0, 3.0, 4.5, 7.0
TOP, BOTTOM, RIGHT = 8.0, 13.5, 4.0
#: The vertical axis holds this share of all contours (percent) and spans at least so much (st).
SHOWN, SMALLEST_SPAN = (4.0, 96.0), 4.0
#: What stands under the panels.
CAPTION = (
    "From left to right: the way through the unit. Thick: mean decoded; thin: measured; zero: the "
    "register's median. Below: labels (%)."
)
#: Labels that are named under a panel at most, and lines that they may take.
NAMED, LINES = 3, 2


def plot_atlas(entries: Sequence[CodeEntry], *, columns: int = 6, title: str = "") -> Figure:
    """Draw a panel a code: its mean decoded contour over real examples, its use and its labels.

    Parameters
    ----------
    entries : sequence of CodeEntry
        The codes, as `code_entries` gives them; at least one.
    columns : int
        Panels side by side, at most.
    title : str
        What stands above; cut where it would be too long.

    Returns
    -------
    Figure
        Page wide, all panels on the same axes: the way through the unit from left to right, and
        semitones above the register's median.

    Raises
    ------
    ProsodytokError
        If there are no entries, or no columns.
    """
    if not entries or columns < 1:
        raise ProsodytokError(f"no atlas of {len(entries)} codes in {columns} columns")
    rows = ceil(len(entries) / columns)
    figure, panels = _grid(rows, columns, len(entries))
    low, high = _span(entries)
    for panel, entry in zip(panels, entries, strict=True):
        _draw(panel, entry)
        panel.set_ylim(low, high)
    for index, panel in enumerate(panels):
        panel.tick_params(labelleft=index % columns == 0)
    _texts(figure, title)
    return figure


def _grid(rows: int, columns: int, number: int) -> tuple[Figure, list[Axes]]:
    """Lay out the panels in millimetres, row by row."""
    row = OVER + PANEL + UNDER
    height = TOP + rows * row + BOTTOM - UNDER
    width = (PAGE_WIDTH - LEFT - RIGHT - BESIDE * (columns - 1)) / columns
    figure = new_figure(PAGE_WIDTH, height)
    panels = []
    for index in range(number):
        left = LEFT + index % columns * (width + BESIDE)
        top = TOP + index // columns * row + OVER
        box = (left / PAGE_WIDTH, 1 - (top + PANEL) / height, width / PAGE_WIDTH, PANEL / height)
        panels.append(figure.add_axes(box))
    return figure, panels


def _draw(ax: Axes, entry: CodeEntry) -> None:
    way = (np.arange(entry.decoded.size) + 0.5) / entry.decoded.size
    ax.axhline(0.0, color=MUTED, linewidth=HAIR, zorder=0)
    ax.plot(way, entry.examples.T, color=MUTED, linewidth=HAIR, zorder=1)
    ax.plot(way, entry.decoded, color=decoded_style(1).color, linewidth=THICK, label="decoded")
    dress(ax)
    ax.set_xlim(0.0, 1.0)
    ax.set_xticks([])
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    room = ax.get_window_extent().width / ax.figure.dpi * MM_PER_INCH
    ax.set_title(f"{entry.code}", fontsize=LABEL, loc="left", pad=2.0, fontweight="bold")
    ax.set_title(f"n = {entry.count}", fontsize=SMALLEST, loc="right", pad=2.0)
    shares = _shares(entry, room)
    ax.set_xlabel(
        shares, fontsize=SMALLEST, labelpad=2.0, loc="left", linespacing=1.15, parse_math=False
    )


def _shares(entry: CodeEntry, room: float) -> str:
    """The most frequent labels, with their shares of the labelled units (%), as many as fit."""
    total = sum(entry.labels.values())
    ranked = sorted(entry.labels.items(), key=lambda item: -item[1])[:NAMED]
    lines: list[str] = []
    for text in (f"{name}: {100 * number / total:.0f}" for name, number in ranked if number):
        joined = f"{lines[-1]}, {text}" if lines else text
        if lines and shorten(joined, room, SMALLEST) == joined:
            lines[-1] = joined
        elif len(lines) < LINES:
            lines.append(shorten(text, room, SMALLEST))
    return "\n".join(lines)


def _span(entries: Sequence[CodeEntry]) -> tuple[float, float]:
    """Limits of an axis that holds all means and most of the examples (semitones)."""
    means = np.concatenate([entry.decoded for entry in entries])
    examples = np.concatenate([entry.examples.ravel() for entry in entries])
    means, examples = means[np.isfinite(means)], examples[np.isfinite(examples)]
    most = np.percentile(examples, SHOWN) if examples.size else np.zeros(2)
    values = np.append(most, means)
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), (SMALLEST_SPAN - (high - low)) / 2)
    return low - margin, high + margin


def _texts(figure: Figure, title: str) -> None:
    """Write the title, and what the axes and the lines are."""
    height = figure.get_size_inches()[1] * MM_PER_INCH
    room, left = PAGE_WIDTH - LEFT - RIGHT, LEFT / PAGE_WIDTH
    above, below = shorten(title, room, TITLE), shorten(CAPTION, room, SMALLEST)
    figure.text(left, 1 - 2.0 / height, above, va="top", fontsize=TITLE, parse_math=False)
    figure.text(left, 1.5 / height, below, va="bottom", fontsize=SMALLEST)
    middle = 1 - (TOP + OVER + PANEL / 2) / height
    figure.text(
        6.0 / PAGE_WIDTH, middle, "F0 (st)", rotation=90, va="center", ha="left", fontsize=LABEL
    )
