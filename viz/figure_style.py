"""How every figure looks: colours, line styles and sizes, given to artists, never set globally."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from numpy.typing import NDArray

from prosodytok.types.units import FRAME_RATE

MM_PER_INCH = 25.4
#: Widths of a figure (mm): a printed page, what a second of speech needs, and an A3 sheet.
PAGE_WIDTH, WIDTH_PER_SECOND, LARGEST_WIDTH = 180.0, 30.0, 420.0
#: Space that a figure of an utterance keeps for the vertical axes' texts (mm).
LEFT, RIGHT = 17.0, 11.0
#: Font sizes (pt).
TITLE, LABEL, SMALLEST = 8.0, 7.0, 6.5
#: Thickness of what was measured, of what was decoded, and of edges and frames; and of dots (pt).
THICK, LINE, HAIR, DOT = 2.0, 1.1, 0.5, 3.0

#: Marks that tell curves apart where colour does not, and their size (pt).
MARKERS, MARKER_SIZE = "osD^vPX*", 4.0

MEASURED = "0.25"
MUTED = "0.7"
#: What is left of a code's colour after mixing it with white.
SATURATION = 0.6


class LineStyle(NamedTuple):
    """A line that can be told from the others without its colour."""

    color: str
    linestyle: str | tuple[int, tuple[float, ...]]


#: One for each further level, of the palette of Okabe and Ito (2008), "Color universal design".
DECODED = (
    LineStyle("#009E73", (0, (1.0, 1.2))),
    LineStyle("#0072B2", (0, (4.0, 1.5))),
    LineStyle("#D55E00", "solid"),
    LineStyle("#CC79A7", (0, (4.0, 1.2, 1.0, 1.2))),
)
#: One for each label, of the same palette; marks of `MARKERS` go with them.
LABELLED = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")


def decoded_style(index: int) -> LineStyle:
    """Line of the decoded contour number `index`, from 0; after four they start again."""
    return DECODED[index % len(DECODED)]


def code_colors(codes: NDArray[np.int64], codebook_size: int) -> NDArray[np.float64]:
    """Colours (N, 3) of codes (N,): perceptually uniform, and pale enough for black on them."""
    colors = colormaps["viridis"](codes / max(1, codebook_size - 1))[:, :3]
    return np.asarray(1 - SATURATION * (1 - colors))


def figure_width(duration: float) -> float:
    """Width (mm) of a figure of `duration` seconds: a page, and more where a page is too narrow."""
    return min(max(PAGE_WIDTH, WIDTH_PER_SECOND * duration), LARGEST_WIDTH)


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in mm; no window and no global state know of it."""
    return Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), dpi=150)


def axes_or_new(ax: Axes | None, height: float = 40.0) -> Axes:
    """Return `ax`, or the axes of a new figure of page width and `height` mm."""
    if ax is not None:
        return ax
    figure = new_figure(PAGE_WIDTH, height)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def time_axis(ax: Axes, num_frames: int, frame_rate: float = FRAME_RATE) -> None:
    """Let the horizontal axis be the time of an utterance, in seconds, from edge to edge."""
    ax.set_xlim(0.0, num_frames / frame_rate)
    ax.set_xlabel("time (s)", fontsize=LABEL)
    dress(ax)


def dress(ax: Axes) -> None:
    """Give axes the fonts and the frame of the package."""
    ax.tick_params(labelsize=SMALLEST, width=HAIR, length=2.5, pad=2.0)
    ax.spines[:].set_linewidth(HAIR)
    ax.spines["top"].set_visible(False)
    ax.spines["right"].set_visible(False)


def legend_beside(
    ax: Axes, corner: Literal["lower left", "upper left"], at: tuple[float, float], **style: Any
) -> Legend:
    """Put a legend's corner at a place of the axes where no data is, and take names as they are."""
    legend: Legend = ax.legend(
        loc=corner, bbox_to_anchor=at, fontsize=LABEL, frameon=False, **style
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return legend
