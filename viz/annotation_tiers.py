"""Tiers of hand annotation: intervals as boxes, points as ticks, with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.transforms import Bbox

from prosodytok.io.textgrid import Entry, Tier
from prosodytok.segmentation.textgrid_units import WORD_TOLERANCE
from prosodytok.types.errors import ProsodytokError
from prosodytok.viz.figure_style import (
    HAIR,
    LABEL,
    LEFT,
    LINE,
    MEASURED,
    MM_PER_INCH,
    MUTED,
    RIGHT,
    SMALLEST,
    axes_or_new,
    dress,
    figure_width,
)
from prosodytok.viz.fitted_text import SIDE, ink_size, shorten, write_in_boxes

MM_PER_POINT = MM_PER_INCH / 72
#: Heights (mm): of intervals with level labels, and at most, where long labels stand upright.
LEVEL, TALLEST = 5.0, 20.0
#: Heights (mm) of a point's tick and of a row of labels under it, and how many rows there may be.
TICK, ROW, MOST_ROWS = 1.8, 3.4, 6
#: Space between tiers, and around them all for the lines of the boxes (mm).
GAP, EDGE = 1.4, 0.2
#: Room over and under a label, so that what hangs under its line stays in its box (pt).
MARGIN = 0.9


@dataclass(frozen=True)
class _Label:
    """The label of a point: from where to where it reaches along the axis (mm), and its row."""

    time: float
    text: str
    left: float
    right: float
    row: int


@dataclass(frozen=True)
class _Strip:
    """A tier from `top` down to `bottom` (mm); `labels` are those of points."""

    tier: Tier
    top: float
    bottom: float
    labels: tuple[_Label, ...] = ()


def tiers_height(tiers: Sequence[Tier], duration: float | None = None) -> float:
    """Height (mm) that `plot_tiers` needs in the figure of an utterance.

    Parameters
    ----------
    tiers : sequence of Tier
        What is drawn.
    duration : float, optional
        Seconds that the axis spans; up to the last tier's end when not given.
    """
    if not tiers:
        return 0.0
    duration = duration or max(tier.end for tier in tiers)
    return _strips(tiers, duration, figure_width(duration) - LEFT - RIGHT)[-1].bottom + 2 * EDGE


def plot_tiers(tiers: Sequence[Tier], *, duration: float, ax: Axes | None = None) -> Axes:
    """Draw tiers of annotation one under another: intervals as boxes, points as ticks.

    Labels of points that stand close move aside, or to further rows below; a label is left out
    only where the sixth row is full, or its interval too narrow for it, and its tick or its box
    stays.

    Parameters
    ----------
    tiers : sequence of Tier
        As `segmentation.read_textgrid` gives them. Entries after the axis' end are not drawn, but
        for points less than 0.1 s after it, which move to it.
    duration : float
        Seconds that the axis spans.
    ax : Axes, optional
        Where to draw, best `tiers_height` mm high; a new figure when not given.

    Returns
    -------
    Axes
        With seconds on the horizontal axis and the tiers' names on the vertical one; one
        collection labelled with each tier's name: a `PolyCollection` of its intervals, or a
        `LineCollection` of its points.

    Raises
    ------
    ProsodytokError
        If `duration` is not positive.
    """
    if not duration > 0:
        raise ProsodytokError(f"a time axis of {duration} s can show no tier")
    height = tiers_height(tiers, duration)
    ax = axes_or_new(ax, height + 12.0)
    millimetres = ax.get_window_extent().width / ax.figure.dpi * MM_PER_INCH
    strips = _strips(tiers, duration, millimetres)
    for strip in strips:
        draw = _intervals if strip.tier.kind == "interval" else _points
        draw(ax, strip, millimetres / duration)
    _axes(ax, strips, duration)
    return ax


def _axes(ax: Axes, strips: Sequence[_Strip], duration: float) -> None:
    ax.set_xlim(0.0, duration)
    ax.set_xlabel("time (s)", fontsize=LABEL)
    dress(ax)
    ax.set_ylim((strips[-1].bottom if strips else 1.0) + EDGE, -EDGE)
    names = [shorten(strip.tier.name, LEFT - 1.6, SMALLEST) for strip in strips]
    middles = [(strip.top + strip.bottom) / 2 for strip in strips]
    ax.set_yticks(middles, names, fontsize=SMALLEST, parse_math=False)
    ax.tick_params(axis="y", length=0, pad=1.0)
    ax.spines[:].set_visible(False)


def _strips(tiers: Sequence[Tier], duration: float, width: float) -> list[_Strip]:
    """Lay tiers out along an axis of `duration` seconds and `width` mm."""
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
    """Keep of a tier what the axis shows: audio and annotation may end a little apart."""
    tolerance = WORD_TOLERANCE if tier.kind == "point" else 0.0
    entries = [
        Entry(min(e.start, duration), min(e.end, duration), e.label)
        for e in tier.entries
        if e.start < duration + tolerance
    ]
    return replace(tier, entries=tuple(entries), end=duration)


def _box_height(tier: Tier, scale: float) -> float:
    """Height of the boxes (mm): enough for the labels that are too wide and must stand upright."""
    needed = LEVEL
    for entry in tier.entries:
        width = (ink_size(_one_line(entry.label), SMALLEST)[0] + 2 * SIDE) * MM_PER_POINT
        if width > (entry.end - entry.start) * scale:
            needed = max(needed, width + 0.6)
    return min(needed, TALLEST)


def _stagger(tier: Tier, scale: float) -> tuple[_Label, ...]:
    """Give each label the first row where it has room under its tick, aside by half at most."""
    filled: list[float] = []
    labels = []
    end = tier.end * scale
    for entry in sorted(tier.entries, key=lambda entry: entry.start):
        text, place = _one_line(entry.label), entry.start * scale
        width = (ink_size(text, LABEL)[0] + 2 * SIDE) * MM_PER_POINT + 0.1
        for row in range(MOST_ROWS if text else 0):
            if row == len(filled):
                filled.append(0.0)
            left = min(max(filled[row], place - width / 2), end - width)
            if filled[row] <= left <= place:
                labels.append(_Label(entry.start, text, left, left + width, row))
                filled[row] = left + width
                break
    return tuple(labels)


def _intervals(ax: Axes, strip: _Strip, scale: float) -> None:  # noqa: ARG001 - as for _points
    entries = [e for e in strip.tier.entries if e.end > e.start]
    boxes = [Bbox.from_extents(e.start, strip.top, e.end, strip.bottom) for e in entries]
    texts = [_one_line(e.label) for e in entries]
    ax.add_collection(
        PolyCollection(
            [box.corners()[[0, 1, 3, 2]] for box in boxes],
            facecolors=["white" if text else "0.93" for text in texts],
            edgecolors="0.35",
            linewidths=HAIR,
            label=strip.tier.name,
        )
    )
    write_in_boxes(ax, boxes, texts, margin=MARGIN)


def _points(ax: Axes, strip: _Strip, scale: float) -> None:
    """Draw ticks, under them the labels, and lines that lead to those of lower rows."""
    ticks_end = strip.top + TICK
    ax.hlines(strip.top, 0.0, 1.0, transform=ax.get_yaxis_transform(), color=MUTED, linewidth=HAIR)
    times = [entry.start for entry in strip.tier.entries]
    ticks = [[(time, strip.top), (time, ticks_end)] for time in times]
    ax.add_collection(
        LineCollection(ticks, colors=MEASURED, linewidths=LINE, label=strip.tier.name)
    )
    tops = [ticks_end + ROW * label.row for label in strip.labels]
    leaders = [
        [(label.time, ticks_end), (label.time, top)]
        for label, top in zip(strip.labels, tops, strict=True)
        if label.row
    ]
    ax.add_collection(LineCollection(leaders, colors=MUTED, linewidths=HAIR, zorder=1))
    boxes = [
        Bbox.from_extents(label.left / scale, top, label.right / scale, top + ROW)
        for label, top in zip(strip.labels, tops, strict=True)
    ]
    _blank(ax, boxes)
    write_in_boxes(ax, boxes, [label.text for label in strip.labels], margin=0.0)


def _blank(ax: Axes, boxes: Sequence[Bbox]) -> None:
    """Cover the lines that lead past labels to lower rows."""
    corners = [box.corners()[[0, 1, 3, 2]] for box in boxes]
    ax.add_collection(PolyCollection(corners, facecolors="white", linewidths=0.0, zorder=1.5))


def _one_line(label: str) -> str:
    return " ".join(label.split())
