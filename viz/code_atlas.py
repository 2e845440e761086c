"""Atlas of codes: decoded contour, measured examples and labels of each code."""

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
    new_figure,
    style_axes,
)
from prosodytok.viz.fitted_text import truncate

#: Height of a panel, horizontal space between panels, and space for text above and below (mm).
PANEL, GAP, OVER, UNDER = 20.0, 3.0, 4.5, 7.0
TOP, BOTTOM, RIGHT = 8.0, 13.5, 4.0
#: Percentiles of the contours within the vertical axis, and its smallest span (st).
SHOWN, SMALLEST_SPAN = (4.0, 96.0), 4.0
#: Text below the panels.
CAPTION = (
    "Horizontal axis: relative time in the unit. Thick: mean decoded; thin: measured; zero: median "
    "of the register. Below: labels (%)."
)
#: Largest numbers of labels below a panel and of their lines.
MAX_LABELS, MAX_LINES = 3, 2


def plot_atlas(entries: Sequence[CodeEntry], *, columns: int = 6, title: str = "") -> Figure:
    """Draw one panel per code: mean decoded contour, measured examples, count and labels.

    Parameters
    ----------
    entries : sequence of CodeEntry
        Codes, from `code_entries`; at least one.
    columns : int
        Largest number of panels in a row.
    title : str
        Title, truncated to the width of the panels.

    Returns
    -------
    Figure
        Figure of page width with the same axes in all panels: relative time in the unit, and
        semitones above the median of the register.

    Raises
    ------
    ProsodytokError
        If `entries` is empty or `columns` is less than 1.
    """
    if not entries or columns < 1:
        raise ProsodytokError(f"cannot draw an atlas of {len(entries)} codes in {columns} columns")
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
    width = (PAGE_WIDTH - LEFT - RIGHT - GAP * (columns - 1)) / columns
    figure = new_figure(PAGE_WIDTH, height)
    panels = []
    for index in range(number):
        left = LEFT + index % columns * (width + GAP)
        top = TOP + index // columns * row + OVER
        box = (left / PAGE_WIDTH, 1 - (top + PANEL) / height, width / PAGE_WIDTH, PANEL / height)
        panels.append(figure.add_axes(box))
    return figure, panels


def _draw(ax: Axes, entry: CodeEntry) -> None:
    times = (np.arange(entry.decoded.size) + 0.5) / entry.decoded.size
    ax.axhline(0.0, color=MUTED, linewidth=HAIR, zorder=0)
    ax.plot(times, entry.examples.T, color=MUTED, linewidth=HAIR, zorder=1)
    ax.plot(times, entry.decoded, color=decoded_style(1).color, linewidth=THICK, label="decoded")
    style_axes(ax)
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
    """The most frequent labels that fit, with their shares of the labelled units (%)."""
    total = sum(entry.labels.values())
    ranked = sorted(entry.labels.items(), key=lambda item: -item[1])[:MAX_LABELS]
    lines: list[str] = []
    for text in (f"{name}: {100 * number / total:.0f}" for name, number in ranked if number):
        joined = f"{lines[-1]}, {text}" if lines else text
        if lines and truncate(joined, room, SMALLEST) == joined:
            lines[-1] = joined
        elif len(lines) < MAX_LINES:
            lines.append(truncate(text, room, SMALLEST))
    return "\n".join(lines)


def _span(entries: Sequence[CodeEntry]) -> tuple[float, float]:
    """Limits of the axis of all means and most of the examples (semitones)."""
    means = np.concatenate([entry.decoded for entry in entries])
    examples = np.concatenate([entry.examples.ravel() for entry in entries])
    means, examples = means[np.isfinite(means)], examples[np.isfinite(examples)]
    limits = np.percentile(examples, SHOWN) if examples.size else np.zeros(2)
    values = np.append(limits, means)
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), (SMALLEST_SPAN - (high - low)) / 2)
    return low - margin, high + margin


def _texts(figure: Figure, title: str) -> None:
    """Write the title, the caption and the label of the vertical axes."""
    height = figure.get_size_inches()[1] * MM_PER_INCH
    room, left = PAGE_WIDTH - LEFT - RIGHT, LEFT / PAGE_WIDTH
    above, below = truncate(title, room, TITLE), truncate(CAPTION, room, SMALLEST)
    figure.text(left, 1 - 2.0 / height, above, va="top", fontsize=TITLE, parse_math=False)
    figure.text(left, 1.5 / height, below, va="bottom", fontsize=SMALLEST)
    middle = 1 - (TOP + OVER + PANEL / 2) / height
    figure.text(
        6.0 / PAGE_WIDTH, middle, "F0 (st)", rotation=90, va="center", ha="left", fontsize=LABEL
    )
