"""Panels of one time axis under one another, laid out in millimetres."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.viz.figure_style import LEFT, MM_PER_INCH, RIGHT, TITLE, new_figure
from prosodytok.viz.fitted_text import shorten

#: Space over and under the panels (mm): for title and legend, and for the time axis.
TOP, BOTTOM = 11.5, 9.5
#: Where the title starts (mm from above).
TITLE_TOP = 2.0


def stack_panels(heights: Sequence[float], width: float, gap: float) -> tuple[Figure, list[Axes]]:
    """Stack axes of the given heights (mm), `gap` mm apart, that share their time axis."""
    height = TOP + sum(heights) + gap * (len(heights) - 1) + BOTTOM
    figure = new_figure(width, height)
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        hspace=gap / (sum(heights) / len(heights)),
        left=LEFT / width,
        right=1 - RIGHT / width,
        top=1 - TOP / height,
        bottom=BOTTOM / height,
    )
    first = figure.add_subplot(grid[0])
    others = [figure.add_subplot(grid[row], sharex=first) for row in range(1, len(heights))]
    return figure, [first, *others]


def write_title(figure: Figure, title: str) -> None:
    """Write a title over the panels, cut where it would be too long."""
    width, height = figure.get_size_inches() * MM_PER_INCH
    figure.text(
        LEFT / width,
        1 - TITLE_TOP / height,
        shorten(title, width - LEFT - RIGHT, TITLE),
        fontsize=TITLE,
        va="top",
        parse_math=False,
    )
