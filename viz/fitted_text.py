"""Text that is fitted into a box: rotated, shrunk or omitted instead of overflowing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import NDArray

from prosodytok.viz.figure_style import HAIR, LABEL, MM_PER_INCH, SMALLEST

#: Padding before and after a line of text (pt).
SIDE = 1.0


class FittedText(Text):
    """Text centred in a box (data coordinates), drawn only if it fits.

    The fit is computed at each draw, so it is valid in any layout, for any output format and at any
    zoom. Sizes and positions are those of the ink, without descenders. `widest` is measured instead
    of the text, so that all labels of equal boxes have the same rotation. `margin` (pt) is the
    padding above and below the line; before and after it, the padding is `SIDE`.
    """

    def __init__(
        self,
        box: Bbox,
        text: str,
        *,
        widest: str | None = None,
        margin: float = 0.35,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            0.0, 0.0, text, rotation_mode="anchor", parse_math=False, clip_on=True, **kwargs
        )
        self.box, self.widest, self.margin = box, widest or text, margin
        self.set_transform(IdentityTransform())
        self.set_in_layout(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the text if it fits."""
        self.fit(renderer)
        super().draw(renderer)

    def get_window_extent(
        self,
        renderer: RendererBase | None = None,
        dpi: float | None = None,  # noqa: ARG002 - matplotlib's signature
    ) -> Bbox:
        """Box of the ink in pixels, empty if the text is omitted."""
        figure = self.get_figure(root=True)
        self.fit(renderer or figure._get_renderer())  # type: ignore[union-attr]
        if not self.get_visible():
            return Bbox.null()
        width, height = self._ink
        x, y = self.get_position()
        if self.get_rotation():
            return Bbox.from_bounds(x - height, y, height, width)
        return Bbox.from_bounds(x, y, width, height)

    def fit(self, renderer: RendererBase) -> None:
        """Set rotation, size and position; horizontal and large text take precedence."""
        self._pixels = float(renderer.points_to_pixels(1.0))  # type: ignore[arg-type]
        box = self.axes.transData.transform_bbox(self.box)  # type: ignore[union-attr]
        width, height = np.abs(box.size) / self._pixels
        self.set_visible(False)
        for rotation, room in ((0, (width, height)), (90, (height, width))):
            for size in (LABEL, SMALLEST):
                needed = ink_size(self.widest, size)
                if needed[0] + 2 * SIDE <= room[0] and needed[1] + 2 * self.margin <= room[1]:
                    self.set_visible(True)
                    self.set_fontsize(size)
                    self.set_rotation(rotation)
                    self._center(box)
                    return

    def _center(self, box: Bbox) -> None:
        width, height = self._ink
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        if self.get_rotation():
            self.set_position((x + height / 2, y - width / 2))
        else:
            self.set_position((x - width / 2, y - height / 2))

    @property
    def _ink(self) -> tuple[float, float]:
        """Width and height of the unrotated text in pixels."""
        width, height = ink_size(self.get_text(), float(self.get_fontsize()))
        return width * self._pixels, height * self._pixels


class NonOverlappingNumbers(Artist):
    """Numbers at points (data coordinates), each drawn only if it does not overlap an earlier one.

    The most important comes first. As in `FittedText`, overlaps are computed at each draw.
    """

    def __init__(self, positions: NDArray[np.float64], texts: Sequence[str]) -> None:
        super().__init__()
        self.positions = positions
        self.texts = [
            Text(0.0, 0.0, text, fontsize=SMALLEST, ha="center", va="center_baseline")
            for text in texts
        ]
        self.set_zorder(3.0)
        self.set_in_layout(False)

    def get_children(self) -> list[Artist]:
        """Return all numbers, including the omitted ones."""
        return list(self.texts)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the numbers that do not overlap."""
        self.fit(renderer)
        for text in self.texts:
            text.draw(renderer)

    def fit(self, renderer: RendererBase) -> None:
        """Position the numbers and hide those that overlap an earlier one."""
        occupied: list[Bbox] = []
        points = self.axes.transData.transform(self.positions)  # type: ignore[union-attr]
        for text, point in zip(self.texts, points, strict=True):
            text.set_figure(self.get_figure())  # type: ignore[arg-type]
            text.set_transform(IdentityTransform())
            text.set_position(tuple(point))
            text.set_visible(True)
            box = text.get_window_extent(renderer)
            text.set_visible(not any(box.overlaps(other) for other in occupied))
            occupied += [box] if text.get_visible() else []


@lru_cache(maxsize=4096)
def ink_size(text: str, fontsize: float) -> tuple[float, float]:
    """Width of a line of text, and height of its digits and capitals (pt)."""
    font = FontProperties(size=fontsize)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    _, height, _ = text_to_path.get_text_width_height_descent("0", font, False)
    return width, height


def draw_boxes(
    ax: Axes, boxes: Iterable[Bbox], facecolors: Any, *, linewidths: float = HAIR, **kwargs: Any
) -> None:
    """Draw filled boxes as one `PolyCollection`, to which `kwargs` are passed."""
    corners = [box.corners()[[0, 1, 3, 2]] for box in boxes]
    ax.add_collection(
        PolyCollection(corners, facecolors=facecolors, linewidths=linewidths, **kwargs)
    )


def write_in_boxes(ax: Axes, boxes: list[Bbox], texts: Iterable[str], **kwargs: Any) -> None:
    """Write each text into its box if it fits; `kwargs` are passed to `FittedText`."""
    for box, text in zip(boxes, texts, strict=True):
        if text:
            ax.add_artist(FittedText(box, text, **kwargs))


def truncate(text: str, width: float, fontsize: float) -> str:
    """Truncate a text with an ellipsis to a width in mm."""
    room = width / MM_PER_INCH * 72

    def fits(candidate: str) -> bool:
        return ink_size(candidate, fontsize)[0] <= room

    text = " ".join(text.split())
    if fits(text):
        return text
    too_long = bisect_left(range(len(text)), True, key=lambda n: not fits(text[:n] + "…"))
    return text[: too_long - 1] + "…"
