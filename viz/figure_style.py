"""Style of all figures: colours, line styles and sizes, set on artists and never globally."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from numpy.typing import NDArray

MM_PER_INCH = 25.4
#: Widths of a figure (mm): a printed page, one second of speech, and an A3 sheet.
PAGE_WIDTH, WIDTH_PER_SECOND, LARGEST_WIDTH = 180.0, 30.0, 420.0
#: Margins of the figure of an utterance for the text of the vertical axes (mm).
LEFT, RIGHT = 17.0, 11.0
#: Font sizes (pt).
TITLE, LABEL, SMALLEST = 8.0, 7.0, 6.5
#: Line widths of measured and decoded contours and of edges and frames, and dot size (pt).
THICK, LINE, HAIR, DOT = 2.0, 1.1, 0.5, 3.0

#: Markers that distinguish curves without colour, and their size (pt).
MARKERS, MARKER_SIZE = "osD^vPX*", 4.0

MEASURED = "0.25"
MUTED = "0.7"
#: Fill of boxes without a label, and edges of boxes with one.
PAUSE_COLOR, EDGE_COLOR = "0.93", "0.35"
#: Share of a code's colour in its mixture with white.
SATURATION = 0.6


class LineStyle(NamedTuple):
    """Line style that is distinct even without its colour."""

    color: str
    linestyle: str | tuple[int, tuple[float, ...]]


#: One per prefix of levels; palette of Okabe and Ito (2008), "Color universal design".
DECODED = (
    LineStyle("#009E73", (0, (1.0, 1.2))),
    LineStyle("#0072B2", (0, (4.0, 1.5))),
    LineStyle("#D55E00", "solid"),
    LineStyle("#CC79A7", (0, (4.0, 1.2, 1.0, 1.2))),
)
#: One per label, of the same palette; combined with `MARKERS`.
LABELLED = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")


def decoded_style(index: int) -> LineStyle:
    """Line style of the decoded contour number `index`, from 0; repeats after four."""
    return DECODED[index % len(DECODED)]


def code_colors(codes: NDArray[np.int64], codebook_size: int) -> NDArray[np.float64]:
    """Colours (N, 3) of codes (N,): perceptually uniform, and pale enough for black text."""
    colors = colormaps["viridis"](codes / max(1, codebook_size - 1))[:, :3]
    return np.asarray(1 - SATURATION * (1 - colors))


def figure_width(duration: float) -> float:
    """Width (mm) of a figure of `duration` seconds: at least a page, at most an A3 sheet."""
    return min(max(PAGE_WIDTH, WIDTH_PER_SECOND * duration), LARGEST_WIDTH)


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in mm, without a window and outside of pyplot's state."""
    return Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), dpi=150)


def figure_legend(
    figure: Figure, handles: Sequence[Any], names: Sequence[str], **style: Any
) -> None:
    """Add a legend in one row, by default above the panels of a constrained layout."""
    columns = max(1, len(handles))
    options = {"loc": "outside upper left", "fontsize": LABEL, "frameon": False, **style}
    figure.legend(handles, names, ncols=columns, **options)


def axes_or_new(ax: Axes | None, height: float = 40.0) -> Axes:
    """Return `ax`, or the axes of a new figure of page width and `height` mm."""
    if ax is not None:
        return ax
    figure = new_figure(PAGE_WIDTH, height)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def time_axis(ax: Axes, duration: float) -> None:
    """Make the horizontal axis the time of an utterance, in seconds, without margins."""
    ax.set_xlim(0.0, duration)
    ax.set_xlabel("time (s)", fontsize=LABEL)
    style_axes(ax)


def style_axes(ax: Axes) -> None:
    """Set the fonts and the frame of axes."""
    ax.tick_params(labelsize=SMALLEST, width=HAIR, length=2.5, pad=2.0)
    ax.spines[:].set_linewidth(HAIR)
    ax.spines["top"].set_visible(False)
    ax.spines["right"].set_visible(False)


def legend_beside(
    ax: Axes, corner: Literal["lower left", "upper left"], at: tuple[float, float], **style: Any
) -> Legend:
    """Add a legend with a corner at a data-free position of the axes, and its names verbatim."""
    legend: Legend = ax.legend(
        loc=corner, bbox_to_anchor=at, fontsize=LABEL, frameon=False, **style
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return legend
