"""Vertical stacks of panels with a shared time axis, laid out in millimetres."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.viz.figure_style import LEFT, MM_PER_INCH, RIGHT, TITLE, new_figure
from prosodytok.viz.fitted_text import truncate

#: Space above and below the panels (mm): for title and legend, and for the time axis.
TOP, BOTTOM = 11.5, 9.5
#: Distance of the title from the top (mm).
TITLE_TOP = 2.0


def stack_panels(heights: Sequence[float], width: float, gap: float) -> tuple[Figure, list[Axes]]:
    """Make a stack of axes with a shared time axis, of given heights (mm) and `gap` mm apart."""
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
    """Write a title above the panels, truncated to their width."""
    width, height = figure.get_size_inches() * MM_PER_INCH
    figure.text(
        LEFT / width,
        1 - TITLE_TOP / height,
        truncate(title, width - LEFT - RIGHT, TITLE),
        fontsize=TITLE,
        va="top",
        parse_math=False,
    )
