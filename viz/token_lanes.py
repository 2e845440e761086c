"""Token lanes: units as boxes along the time axis, with their words and codes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from prosodytok.types.segmentation import Segmentation
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.types.units import FRAME_RATE
from prosodytok.viz import figure_style as style
from prosodytok.viz.fitted_text import draw_boxes, write_in_boxes

#: Heights of the lanes and of the space between levels (mm).
CODES, WORDS, GAP = 6.0, 9.0, 1.2
#: Padding around a word, which keeps its descenders within the box (pt).
WORD_MARGIN = 1.0


@dataclass(frozen=True)
class _Lane:
    """Rows of one level, downwards from `top`; the vertical axis is in millimetres from above."""

    level: TokenLevel
    top: float

    @property
    def has_words(self) -> bool:
        return any(self.level.segmentation.labels)

    @property
    def codes_top(self) -> float:
        return self.top + (WORDS if self.has_words else 0.0)

    @property
    def bottom(self) -> float:
        return self.codes_top + CODES


def lanes_height(tokens: ProsodyTokens) -> float:
    """Height (mm) of the axes of `plot_tokens`."""
    return _lanes(tokens)[-1].bottom


def plot_tokens(tokens: ProsodyTokens, *, ax: Axes | None = None) -> Axes:
    """Draw one lane per level: a box for each unit, coloured by code, with its code and word.

    Numbers and words are omitted where they do not fit. A level with several codebooks is coloured
    by the first, and its codes are written in sequence.

    Parameters
    ----------
    tokens : ProsodyTokens
        Tokens of any subset of levels.
    ax : Axes, optional
        Target axes, ideally `lanes_height` mm high; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis; one `PolyCollection` per level, labelled with its name.
    """
    lanes = _lanes(tokens)
    ax = style.axes_or_new(ax, lanes_height(tokens) + 12.0)
    for lane in lanes:
        if lane.has_words:
            _words(ax, lane.level.segmentation, tokens.frame_rate, lane.top, lane.codes_top)
        _codes(ax, lane, tokens.frame_rate)
    style.time_axis(ax, tokens.duration)
    ax.set_ylim(lanes[-1].bottom, 0.0)
    ax.set_yticks(
        [(lane.top + lane.bottom) / 2 for lane in lanes], tokens.names, fontsize=style.LABEL
    )
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    return ax


def plot_segmentation(
    segmentation: Segmentation, *, frame_rate: float = FRAME_RATE, ax: Axes | None = None
) -> Axes:
    """Draw units as boxes with their labels.

    Parameters
    ----------
    segmentation : Segmentation
        N units.
    frame_rate : float
        Frame rate of its boundaries (Hz).
    ax : Axes, optional
        Target axes; by default, those of a new figure.

    Returns
    -------
    Axes
        Seconds on the horizontal axis, and N boxes with the labels that fit.
    """
    ax = style.axes_or_new(ax, 20.0)
    _words(ax, segmentation, frame_rate, 0.0, 1.0)
    style.time_axis(ax, segmentation.num_frames / frame_rate)
    ax.set_ylim(1.0, 0.0)
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    return ax


def _lanes(tokens: ProsodyTokens) -> list[_Lane]:
    lanes: list[_Lane] = []
    for level in tokens.levels:
        lanes.append(_Lane(level, lanes[-1].bottom + GAP if lanes else 0.0))
    return lanes


def _words(
    ax: Axes, segmentation: Segmentation, frame_rate: float, top: float, bottom: float
) -> None:
    boxes = _boxes(segmentation, frame_rate, top, bottom)
    colors = ["white" if label else style.PAUSE_COLOR for label in segmentation.labels]
    draw_boxes(ax, boxes, colors, edgecolors=style.EDGE_COLOR, label="words")
    write_in_boxes(ax, boxes, segmentation.labels, margin=WORD_MARGIN)


def _codes(ax: Axes, lane: _Lane, frame_rate: float) -> None:
    level = lane.level
    boxes = _boxes(level.segmentation, frame_rate, lane.codes_top, lane.bottom)
    colors = style.code_colors(level.codes[0], level.codebook_sizes[0])
    draw_boxes(ax, boxes, colors, edgecolors="white", label=level.name)
    texts = [" ".join(map(str, unit)) for unit in level.codes.T.tolist()]
    widest = " ".join("0" * len(str(size - 1)) for size in level.codebook_sizes)
    write_in_boxes(ax, boxes, texts, widest=widest)


def _boxes(segmentation: Segmentation, frame_rate: float, top: float, bottom: float) -> list[Bbox]:
    edges = segmentation.boundaries / frame_rate
    return [Bbox.from_extents(start, top, end, bottom) for start, end in pairwise(edges.tolist())]
