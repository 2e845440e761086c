"""Codes against labels: which code stands for what."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import ProsodytokError
from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    MM_PER_INCH,
    MUTED,
    PAGE_WIDTH,
    SMALLEST,
    dress,
    new_figure,
)
from prosodytok.viz.fitted_text import ink_size, shorten, write_in_boxes

#: Size of a cell, least and most height of the map, and the room around it (mm).
CELL_WIDTH, CELL_HEIGHT = 10.0, 4.0
LEAST, MOST = 30.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 16.0, 36.0, 14.0, 9.0
#: Length of the marginal bars, space before them, and what comes after them (mm).
BARS, SPACE, SCALE_AT, SCALE = 9.0, 1.5, 20.0, 3.0
#: Height that a line of text takes, and the longest label (mm).
LINE_HEIGHT, LONGEST = 2.9, 18.0
#: From this part of the largest share on, a number stands white on dark.
DARK = 0.55


def plot_contingency(
    counts: ArrayLike, codes: Sequence[int], labels: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw how often each code goes with each label: P(label | code) as a heat map (%).

    Rows and columns are ordered along the first axis of their correspondence analysis, so that what
    goes together stands together. Codes and labels that never occur are left out. Percentages are
    written where they fit, and only every so many codes and labels where all would not.

    Parameters
    ----------
    counts : (C, L) array of numbers
        How often each code was found with each label.
    codes : sequence of int, length C
        The codes, as they are written at the rows.
    labels : sequence of str, length L
        The labels, as they are written at the columns.
    ax : Axes, optional
        Where to draw the map; the bars of the counts need 15 mm above and 35 mm on its right. A new
        figure when not given.

    Returns
    -------
    Axes
        With a row a code and a column a label; bars of their counts are its children.

    Raises
    ------
    ProsodytokError
        If shapes do not fit together, or counts are negative, not finite or all zero.
    """
    table = _checked(counts, codes, labels)
    rows, columns = _order(table)
    table = table[np.ix_(rows, columns)]
    names = [shorten(labels[column], LONGEST, SMALLEST) or "(none)" for column in columns]
    ax = ax or _new_axes(len(rows), names)
    shares = table / table.sum(axis=1, keepdims=True)
    image = ax.imshow(100 * shares, cmap="Blues", vmin=0.0, aspect="auto")
    dress(ax)
    ax.spines[:].set_visible(False)
    _name_rows(ax, [str(codes[row]) for row in rows])
    _name_columns(ax, names)
    _percentages(ax, shares)
    _bars(ax, table)
    _scale(ax, image)
    return ax


def _checked(counts: ArrayLike, codes: Sequence[int], labels: Sequence[str]) -> NDArray[np.float64]:
    table = np.asarray(counts, dtype=np.float64)
    if table.shape != (len(codes), len(labels)):
        raise ProsodytokError(
            f"counts of shape {table.shape} for {len(codes)} codes and {len(labels)} labels"
        )
    if not np.isfinite(table).all() or (table < 0).any() or not table.any():
        raise ProsodytokError("counts must be finite and not negative, and some above zero")
    return table


def _order(table: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns that occur, along the first axis of correspondence analysis."""
    rows, columns = (np.flatnonzero(table.sum(axis=axis)) for axis in (1, 0))
    shares = table[np.ix_(rows, columns)] / table.sum()
    of_rows, of_columns = shares.sum(axis=1), shares.sum(axis=0)
    expected = np.outer(of_rows, of_columns)
    left, _, right = np.linalg.svd((shares - expected) / np.sqrt(expected), full_matrices=False)
    # The axis has no direction of its own: the first label is to stand in the first half.
    sign = -1.0 if right[0, 0] > 0 else 1.0
    row_order = np.argsort(sign * left[:, 0] / np.sqrt(of_rows), kind="stable")
    column_order = np.argsort(sign * right[0] / np.sqrt(of_columns), kind="stable")
    return rows[row_order], columns[column_order]


def _new_axes(num_rows: int, names: Sequence[str]) -> Axes:
    width = min(max(CELL_WIDTH * len(names), LEAST), PAGE_WIDTH - LEFT - RIGHT)
    height = min(max(CELL_HEIGHT * num_rows, LEAST), MOST)
    bottom = BOTTOM + (_widest(names) if _stand_upright(names, width) else 0.0)
    full_width, full_height = LEFT + width + RIGHT, TOP + height + bottom
    figure = new_figure(full_width, full_height)
    return figure.add_axes(
        (LEFT / full_width, bottom / full_height, width / full_width, height / full_height)
    )


def _widest(names: Sequence[str]) -> float:
    """Length of the longest name (mm)."""
    return max(ink_size(name, SMALLEST)[0] for name in names) / 72 * MM_PER_INCH


def _stand_upright(names: Sequence[str], width: float) -> bool:
    """Whether names of columns do not fit side by side in `width` mm."""
    return _widest(names) + SPACE > width / len(names)


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height of axes (mm)."""
    box = ax.get_window_extent()
    return box.width / ax.figure.dpi * MM_PER_INCH, box.height / ax.figure.dpi * MM_PER_INCH


def _name_rows(ax: Axes, names: Sequence[str]) -> None:
    step = ceil(LINE_HEIGHT * len(names) / _size(ax)[1])
    ax.set_yticks(range(0, len(names), step), names[::step])
    ax.set_ylabel("code", fontsize=LABEL)


def _name_columns(ax: Axes, names: Sequence[str]) -> None:
    width, _ = _size(ax)
    upright = _stand_upright(names, width)
    step = ceil(LINE_HEIGHT * len(names) / width) if upright else 1
    places = range(0, len(names), step)
    ax.set_xticks(places, names[::step], rotation=90 if upright else 0, parse_math=False)


def _percentages(ax: Axes, shares: NDArray[np.float64]) -> None:
    room = np.array(_size(ax)[::-1]) / shares.shape / MM_PER_INCH * 72
    if (room < ink_size("100", SMALLEST)[::-1]).any():
        return  # many thousands of cells would each find that out when drawn
    percents = np.rint(100 * shares).astype(int)
    for dark, color in ((True, "white"), (False, "black")):
        cells = np.argwhere((percents > 0) & ((shares > DARK * shares.max()) == dark)).tolist()
        boxes = [Bbox.from_bounds(column - 0.5, row - 0.5, 1, 1) for row, column in cells]
        texts = [str(percents[row, column]) for row, column in cells]
        write_in_boxes(ax, boxes, texts, widest="100", color=color)


def _bars(ax: Axes, table: NDArray[np.float64]) -> None:
    """Draw how often each label and each code occurs, over and beside the map."""
    width, height = _size(ax)
    above = ax.inset_axes((0.0, 1 + SPACE / height, 1.0, BARS / height), sharex=ax)
    above.bar(range(table.shape[1]), table.sum(axis=0), color=MUTED, width=0.8)
    beside = ax.inset_axes((1 + SPACE / width, 0.0, BARS / width, 1.0), sharey=ax)
    beside.barh(range(table.shape[0]), table.sum(axis=1), color=MUTED, height=0.8)
    for bars, axis, values in ((above, "y", table.sum(axis=0)), (beside, "x", table.sum(axis=1))):
        dress(bars)
        bars.tick_params(axis="x" if axis == "y" else "y", length=0, labelbottom=False)
        bars.tick_params(axis="y" if axis == "x" else "x", labelleft=False)
        most = float(values.max())
        getattr(bars, f"set_{axis}lim")(0.0, most)
        getattr(bars, f"set_{axis}ticks")([most], [f"{most:g}"])
    beside.tick_params(axis="x", labelbottom=True)
    beside.set_xlabel("count", fontsize=SMALLEST)
    above.tick_params(axis="y", labelleft=True)
    above.set_ylabel("count", fontsize=SMALLEST)


def _scale(ax: Axes, image: AxesImage) -> None:
    width, height = _size(ax)
    length = min(1.0, 40.0 / height)
    scale = ax.inset_axes((1 + SCALE_AT / width, 1 - length, SCALE / width, length))
    bar = ax.figure.colorbar(image, cax=scale, ticks=MaxNLocator(4, integer=True))
    bar.set_label("P(label | code), %", fontsize=SMALLEST)
    bar.ax.tick_params(labelsize=SMALLEST, width=HAIR, length=2.5, pad=2.0)
    bar.outline.set_linewidth(HAIR)
