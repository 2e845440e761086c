"""Text of a figure, its positions and its legibility."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def texts_of(figure: Figure) -> list[tuple[Text, Bbox]]:
    """All visible text of a figure, with its boxes (pixels)."""
    figure.draw_without_rendering()
    idle = set(idle_tick_labels(figure))
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text() and t not in idle]
    return [(text, text.get_window_extent()) for text in texts]


def words_of(figure: Figure) -> list[str]:
    """All visible text of a figure."""
    return [text.get_text() for text, _ in texts_of(figure)]


def axes_of(figure: Figure) -> Iterator[Axes]:
    """All axes of a figure, including child axes."""
    for ax in figure.axes:
        yield from (ax, *(child for child in ax.child_axes if isinstance(child, Axes)))


def idle_tick_labels(figure: Figure) -> Iterator[Text]:
    """Labels that matplotlib keeps but does not draw: of invisible and of surplus ticks."""
    for ax in axes_of(figure):
        for axis in (ax.xaxis, ax.yaxis, *(child.yaxis for child in ax.child_axes)):
            low, high = sorted(axis.get_view_interval())
            shown = [t for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
            for tick in [*axis.majorTicks, *axis.minorTicks]:
                yield from () if tick in shown else (tick.label1, tick.label2)


def assert_legible(figure: Figure) -> None:
    """Assert that all text is within the figure and does not overlap."""
    texts = texts_of(figure)
    for text, box in texts:
        assert figure.bbox.x0 <= box.x0, text
        assert box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0, text
        assert box.y1 <= figure.bbox.y1, text
    boxes = np.array([box.extents for _, box in texts]).reshape(-1, 4)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    overlap = np.triu((high - low).min(axis=2), k=1)
    overlapping = [(texts[i][0], texts[j][0]) for i, j in np.argwhere(overlap >= 0.5)]
    assert not overlapping
