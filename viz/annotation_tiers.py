"""Tiers of hand annotation: intervals as boxes, points as ticks, with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.transforms import Bbox

from prosodytok.io.textgrid import Entry, Tier
from prosodytok.segmentation.textgrid_units import WORD_TOLERANCE
from prosodytok.types.errors import ProsodytokError
from prosodytok.viz import figure_style as style
from prosodytok.viz.fitted_text import SIDE, draw_boxes, ink_size, truncate, write_in_boxes

MM_PER_POINT = style.MM_PER_INCH / 72
#: Heights of intervals with horizontal labels, and the largest height for vertical labels (mm).
LEVEL, TALLEST = 5.0, 20.0
#: Heights of a point's tick and of a row of labels (mm), and the largest number of rows.
TICK, ROW, MOST_ROWS = 1.8, 3.4, 6
#: Space between tiers, and around all tiers for the edges of the boxes (mm).
GAP, EDGE = 1.4, 0.2
#: Padding above and below a label, which keeps its descenders within the box (pt).
MARGIN = 0.9


@dataclass(frozen=True)
class _Label:
    """Label of a point, with its extent along the axis (mm) and its row."""

    time: float
    text: str
    left: float
    right: float
    row: int


@dataclass(frozen=True)
class _Strip:
    """A tier from `top` to `bottom` (mm), with the labels of its points."""

    tier: Tier
    top: float
    bottom: float
    labels: tuple[_Label, ...] = ()


def tiers_height(tiers: Sequence[Tier], duration: float | None = None) -> float:
    """Height (mm) of `plot_tiers` in the figure of an utterance.

    Parameters
    ----------
    tiers : sequence of Tier
        Tiers.
    duration : float, optional
        Length of the time axis (s); by default, the latest end of the tiers.
    """
    if not tiers:
        return 0.0
    duration = duration or max(tier.end for tier in tiers)
    return (
        _strips(tiers, duration, style.figure_width(duration) - style.LEFT - style.RIGHT)[-1].bottom
        + 2 * EDGE
    )


def plot_tiers(tiers: Sequence[Tier], *, duration: float, ax: Axes | None = None) -> Axes:
    """Draw a stack of annotation tiers: intervals as boxes, points as ticks.

    Labels of adjacent points are shifted or moved to further rows. If the sixth row is full or an
    interval is too narrow, the label is omitted and its tick or box remains.

    Parameters
    ----------
    tiers : sequence of Tier
        Tiers as read by `io.read_textgrid`. Entries after the end of the axis are omitted, except
        for points less than 0.1 s after it, which are moved to the end.
    duration : float
        Length of the time axis (s).
    ax : Axes, optional
        Target axes, ideally `tiers_height` mm high; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis and names of the tiers on the vertical one; one collection
        per tier, labelled with its name: a `PolyCollection` of its intervals or a `LineCollection`
        of its points.

    Raises
    ------
    ProsodytokError
        If `duration` is not positive.
    """
    if not duration > 0:
        raise ProsodytokError(f"cannot draw tiers on a time axis of {duration} s")
    height = tiers_height(tiers, duration)
    ax = style.axes_or_new(ax, height + 12.0)
    millimetres = ax.get_window_extent().width / ax.figure.dpi * style.MM_PER_INCH
    strips = _strips(tiers, duration, millimetres)
    for strip in strips:
        draw = _intervals if strip.tier.kind == "interval" else _points
        draw(ax, strip, millimetres / duration)
    _axes(ax, strips, duration)
    return ax


def _axes(ax: Axes, strips: Sequence[_Strip], duration: float) -> None:
    style.time_axis(ax, duration)
    ax.set_ylim((strips[-1].bottom if strips else 1.0) + EDGE, -EDGE)
    names = [truncate(strip.tier.name, style.LEFT - 1.6, style.SMALLEST) for strip in strips]
    middles = [(strip.top + strip.bottom) / 2 for strip in strips]
    ax.set_yticks(middles, names, fontsize=style.SMALLEST, parse_math=False)
    ax.tick_params(axis="y", length=0, pad=1.0)
    ax.spines[:].set_visible(False)


def _strips(tiers: Sequence[Tier], duration: float, width: float) -> list[_Strip]:
    """Layout of tiers on an axis of `duration` seconds and `width` mm."""
    scale = width / duration
    strips: list[_Strip] = []
    for tier in (_within(tier, duration) for tier in tiers):
        top = strips[-1].bottom + GAP if strips else 0.0
        if tier.kind == "interval":
            strips.append(_Strip(tier, top, top + _box_height(tier, scale)))
            continue
        labels = _stagger(tier, scale)
        rows = max((label.row for label in labels), default=0) + 1
        strips.append(_Strip(tier, top, top + TICK + ROW * rows, labels))
    return strips


def _within(tier: Tier, duration: float) -> Tier:
    """Entries of a tier within the axis; audio and annotation may differ slightly in length."""
    tolerance = WORD_TOLERANCE if tier.kind == "point" else 0.0
    entries = [
        Entry(min(e.start, duration), min(e.end, duration), e.label)
        for e in tier.entries
        if e.start < duration + tolerance
    ]
    return replace(tier, entries=tuple(entries), end=duration)


def _box_height(tier: Tier, scale: float) -> float:
    """Height of the boxes (mm), large enough for wide labels, which are vertical."""
    needed = LEVEL
    for entry in tier.entries:
        width = (ink_size(_one_line(entry.label), style.SMALLEST)[0] + 2 * SIDE) * MM_PER_POINT
        if width > (entry.end - entry.start) * scale:
            needed = max(needed, width + 0.6)
    return min(needed, TALLEST)


def _stagger(tier: Tier, scale: float) -> tuple[_Label, ...]:
    """Layout of labels: the first row with space below the tick, shifted by at most half."""
    row_ends: list[float] = []
    labels = []
    end = tier.end * scale
    for entry in sorted(tier.entries, key=lambda entry: entry.start):
        text, position = _one_line(entry.label), entry.start * scale
        width = (ink_size(text, style.LABEL)[0] + 2 * SIDE) * MM_PER_POINT + 0.1
        for row in range(MOST_ROWS if text else 0):
            if row == len(row_ends):
                row_ends.append(0.0)
            left = min(max(row_ends[row], position - width / 2), end - width)
            if row_ends[row] <= left <= position:
                labels.append(_Label(entry.start, text, left, left + width, row))
                row_ends[row] = left + width
                break
    return tuple(labels)


def _intervals(ax: Axes, strip: _Strip, scale: float) -> None:  # noqa: ARG001 - same as _points
    entries = [e for e in strip.tier.entries if e.end > e.start]
    boxes = [Bbox.from_extents(e.start, strip.top, e.end, strip.bottom) for e in entries]
    texts = [_one_line(e.label) for e in entries]
    colors = ["white" if text else style.PAUSE_COLOR for text in texts]
    draw_boxes(ax, boxes, colors, edgecolors=style.EDGE_COLOR, label=strip.tier.name)
    write_in_boxes(ax, boxes, texts, margin=MARGIN)


def _points(ax: Axes, strip: _Strip, scale: float) -> None:
    """Draw ticks, the labels below them, and leader lines to the labels of lower rows."""
    ticks_end = strip.top + TICK
    ax.hlines(
        strip.top,
        0.0,
        1.0,
        transform=ax.get_yaxis_transform(),
        color=style.MUTED,
        linewidth=style.HAIR,
    )
    times = [entry.start for entry in strip.tier.entries]
    ticks = [[(time, strip.top), (time, ticks_end)] for time in times]
    ax.add_collection(
        LineCollection(ticks, colors=style.MEASURED, linewidths=style.LINE, label=strip.tier.name)
    )
    tops = [ticks_end + ROW * label.row for label in strip.labels]
    leaders = [
        [(label.time, ticks_end), (label.time, top)]
        for label, top in zip(strip.labels, tops, strict=True)
        if label.row
    ]
    ax.add_collection(LineCollection(leaders, colors=style.MUTED, linewidths=style.HAIR, zorder=1))
    boxes = [
        Bbox.from_extents(label.left / scale, top, label.right / scale, top + ROW)
        for label, top in zip(strip.labels, tops, strict=True)
    ]
    # The labels cover the leader lines of lower rows.
    draw_boxes(ax, boxes, "white", linewidths=0.0, zorder=1.5)
    write_in_boxes(ax, boxes, [label.text for label in strip.labels], margin=0.0)


def _one_line(label: str) -> str:
    return " ".join(label.split())
