"""Heat map of codes against labels."""

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
from prosodytok.viz import figure_style as style
from prosodytok.viz.fitted_text import ink_size, truncate, write_in_boxes

#: Size of a cell, smallest and largest height of the map, and margins (mm).
CELL_WIDTH, CELL_HEIGHT = 10.0, 4.0
MIN_SIZE, MAX_HEIGHT = 30.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 16.0, 36.0, 14.0, 9.0
#: Length of the marginal bars, space before them, position and width of the colour scale (mm).
BARS, SPACE, SCALE_AT, SCALE = 9.0, 1.5, 20.0, 3.0
#: Height of a line of text, and length of the longest label (mm).
LINE_HEIGHT, LONGEST = 2.9, 18.0
#: Numbers are white on shares above this fraction of the largest share.
DARK = 0.55


def plot_contingency(
    counts: ArrayLike, codes: Sequence[int], labels: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw P(label | code) as a heat map (%).

    Rows and columns are sorted along the first axis of their correspondence analysis, so that
    associated codes and labels are adjacent. Codes and labels that never occur are omitted, as are
    percentages that do not fit; where not all codes or labels fit, only every n-th is written.

    Parameters
    ----------
    counts : (C, L) array of numbers
        Co-occurrences of codes and labels.
    codes : sequence of int, length C
        Codes of the rows.
    labels : sequence of str, length L
        Labels of the columns.
    ax : Axes, optional
        Target axes of the map, with 15 mm above and 35 mm to the right for the bars; by default,
        those of a new figure.

    Returns
    -------
    Axes
        One row per code and one column per label, with bars of their counts as child axes.

    Raises
    ------
    ProsodytokError
        If shapes do not match, or counts are negative, not finite or all zero.
    """
    table = _checked(counts, codes, labels)
    rows, columns = _order(table)
    table = table[np.ix_(rows, columns)]
    names = [truncate(labels[column], LONGEST, style.SMALLEST) or "(none)" for column in columns]
    ax = ax or _new_axes(len(rows), names)
    shares = table / table.sum(axis=1, keepdims=True)
    image = ax.imshow(100 * shares, cmap="Blues", vmin=0.0, aspect="auto")
    style.style_axes(ax)
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
    """Rows and columns that occur, sorted along the first axis of correspondence analysis."""
    rows, columns = (np.flatnonzero(table.sum(axis=axis)) for axis in (1, 0))
    shares = table[np.ix_(rows, columns)] / table.sum()
    row_sums, column_sums = shares.sum(axis=1), shares.sum(axis=0)
    expected = np.outer(row_sums, column_sums)
    left, _, right = np.linalg.svd((shares - expected) / np.sqrt(expected), full_matrices=False)
    # The sign of the axis is arbitrary: choose it such that the first label is in the first half.
    sign = -1.0 if right[0, 0] > 0 else 1.0
    row_order = np.argsort(sign * left[:, 0] / np.sqrt(row_sums), kind="stable")
    column_order = np.argsort(sign * right[0] / np.sqrt(column_sums), kind="stable")
    return rows[row_order], columns[column_order]


def _new_axes(num_rows: int, names: Sequence[str]) -> Axes:
    width = min(max(CELL_WIDTH * len(names), MIN_SIZE), style.PAGE_WIDTH - LEFT - RIGHT)
    height = min(max(CELL_HEIGHT * num_rows, MIN_SIZE), MAX_HEIGHT)
    bottom = BOTTOM + (_widest(names) if _need_rotation(names, width) else 0.0)
    full_width, full_height = LEFT + width + RIGHT, TOP + height + bottom
    figure = style.new_figure(full_width, full_height)
    return figure.add_axes(
        (LEFT / full_width, bottom / full_height, width / full_width, height / full_height)
    )


def _widest(names: Sequence[str]) -> float:
    """Length of the longest name (mm)."""
    return max(ink_size(name, style.SMALLEST)[0] for name in names) / 72 * style.MM_PER_INCH


def _need_rotation(names: Sequence[str], width: float) -> bool:
    """Whether names of columns do not fit horizontally in `width` mm."""
    return _widest(names) + SPACE > width / len(names)


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height of axes (mm)."""
    box = ax.get_window_extent()
    return (
        box.width / ax.figure.dpi * style.MM_PER_INCH,
        box.height / ax.figure.dpi * style.MM_PER_INCH,
    )


def _name_rows(ax: Axes, names: Sequence[str]) -> None:
    step = ceil(LINE_HEIGHT * len(names) / _size(ax)[1])
    ax.set_yticks(range(0, len(names), step), names[::step])
    ax.set_ylabel("code", fontsize=style.LABEL)


def _name_columns(ax: Axes, names: Sequence[str]) -> None:
    width, _ = _size(ax)
    rotated = _need_rotation(names, width)
    step = ceil(LINE_HEIGHT * len(names) / width) if rotated else 1
    ticks = range(0, len(names), step)
    ax.set_xticks(ticks, names[::step], rotation=90 if rotated else 0, parse_math=False)


def _percentages(ax: Axes, shares: NDArray[np.float64]) -> None:
    cell = np.array(_size(ax)[::-1]) / shares.shape / style.MM_PER_INCH * 72
    if (cell < ink_size("100", style.SMALLEST)[::-1]).any():
        return  # faster than a test of each of many thousands of cells when they are drawn
    percents = np.rint(100 * shares).astype(int)
    for dark, color in ((True, "white"), (False, "black")):
        cells = np.argwhere((percents > 0) & ((shares > DARK * shares.max()) == dark)).tolist()
        boxes = [Bbox.from_bounds(column - 0.5, row - 0.5, 1, 1) for row, column in cells]
        texts = [str(percents[row, column]) for row, column in cells]
        write_in_boxes(ax, boxes, texts, widest="100", color=color)


def _bars(ax: Axes, table: NDArray[np.float64]) -> None:
    """Draw the counts of labels above the map, and of codes on its right."""
    width, height = _size(ax)
    above = ax.inset_axes((0.0, 1 + SPACE / height, 1.0, BARS / height), sharex=ax)
    above.bar(range(table.shape[1]), table.sum(axis=0), color=style.MUTED, width=0.8)
    beside = ax.inset_axes((1 + SPACE / width, 0.0, BARS / width, 1.0), sharey=ax)
    beside.barh(range(table.shape[0]), table.sum(axis=1), color=style.MUTED, height=0.8)
    for bars, axis, values in ((above, "y", table.sum(axis=0)), (beside, "x", table.sum(axis=1))):
        style.style_axes(bars)
        bars.tick_params(axis="x" if axis == "y" else "y", length=0, labelbottom=False)
        bars.tick_params(axis="y" if axis == "x" else "x", labelleft=False)
        largest = float(values.max())
        getattr(bars, f"set_{axis}lim")(0.0, largest)
        getattr(bars, f"set_{axis}ticks")([largest], [f"{largest:g}"])
    beside.tick_params(axis="x", labelbottom=True)
    beside.set_xlabel("count", fontsize=style.SMALLEST)
    above.tick_params(axis="y", labelleft=True)
    above.set_ylabel("count", fontsize=style.SMALLEST)


def _scale(ax: Axes, image: AxesImage) -> None:
    width, height = _size(ax)
    length = min(1.0, 40.0 / height)
    scale = ax.inset_axes((1 + SCALE_AT / width, 1 - length, SCALE / width, length))
    bar = ax.figure.colorbar(image, cax=scale, ticks=MaxNLocator(4, integer=True))
    bar.set_label("P(label | code), %", fontsize=style.SMALLEST)
    bar.ax.tick_params(labelsize=style.SMALLEST, width=style.HAIR, length=2.5, pad=2.0)
    bar.outline.set_linewidth(style.HAIR)
