"""Text that lives in a box: turned upright, shrunk or left out rather than run over its edges."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import NDArray

from prosodytok.viz.figure_style import LABEL, MM_PER_INCH, SMALLEST

#: Space kept free before and after a line of text (pt).
SIDE = 1.0


class FittedText(Text):
    """Text in the middle of a box, drawn only where it fits.

    What fits is measured each time it is drawn, so it holds in any layout, for any output format
    and when a viewer zooms in. Sizes and positions are those of the ink, without descenders.

    Parameters
    ----------
    box : Bbox
        The box in data coordinates.
    text : str
        What to write.
    widest : str, optional
        Measure this instead, so that all labels of equal boxes are turned the same way.
    margin : float
        Space kept free over and under the line (pt); before and after it, it is `SIDE`.
    **kwargs
        Further properties of `matplotlib.text.Text`, such as ``color``.
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
        """Box of the ink in pixels, empty where the text is left out."""
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
        """Choose direction, size and place: level rather than upright, large rather than small."""
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
                    self._centre(box)
                    return

    def _centre(self, box: Bbox) -> None:
        width, height = self._ink
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        if self.get_rotation():
            self.set_position((x + height / 2, y - width / 2))
        else:
            self.set_position((x - width / 2, y - height / 2))

    @property
    def _ink(self) -> tuple[float, float]:
        """Width and height of the text, unturned, in pixels."""
        width, height = ink_size(self.get_text(), float(self.get_fontsize()))
        return width * self._pixels, height * self._pixels


class FreeNumbers(Artist):
    """Numbers at points, each drawn only where no earlier one is in its way.

    As with `FittedText`, this is found out each time they are drawn.

    Parameters
    ----------
    places : (N, 2) float64
        Centres of the numbers in data coordinates.
    texts : sequence of str, length N
        The numbers, the most important first.
    """

    def __init__(self, places: NDArray[np.float64], texts: Sequence[str]) -> None:
        super().__init__()
        self.places = places
        self.texts = [
            Text(0.0, 0.0, text, fontsize=SMALLEST, ha="center", va="center_baseline")
            for text in texts
        ]
        self.set_zorder(3.0)
        self.set_in_layout(False)

    def get_children(self) -> list[Artist]:
        """Return the numbers, those left out too."""
        return list(self.texts)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the numbers that are free."""
        self.fit(renderer)
        for text in self.texts:
            text.draw(renderer)

    def fit(self, renderer: RendererBase) -> None:
        """Place the numbers, and hide those that would meet an earlier one."""
        taken: list[Bbox] = []
        points = self.axes.transData.transform(self.places)  # type: ignore[union-attr]
        for text, point in zip(self.texts, points, strict=True):
            text.set_figure(self.get_figure())  # type: ignore[arg-type]
            text.set_transform(IdentityTransform())
            text.set_position(tuple(point))
            text.set_visible(True)
            box = text.get_window_extent(renderer)
            text.set_visible(not any(box.overlaps(other) for other in taken))
            taken += [box] if text.get_visible() else []


@lru_cache(maxsize=4096)
def ink_size(text: str, fontsize: float) -> tuple[float, float]:
    """Width of a line of text, and the height of its digits and capitals (pt)."""
    font = FontProperties(size=fontsize)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    _, height, _ = text_to_path.get_text_width_height_descent("0", font, False)
    return width, height


def write_in_boxes(ax: Axes, boxes: list[Bbox], texts: Iterable[str], **kwargs: Any) -> None:
    """Write each text into its box where it fits; `kwargs` go to `FittedText`."""
    for box, text in zip(boxes, texts, strict=True):
        if text:
            ax.add_artist(FittedText(box, text, **kwargs))


def shorten(text: str, width: float, fontsize: float) -> str:
    """Cut a text, with an ellipsis, to a width in mm."""
    room = width / MM_PER_INCH * 72

    def fits(candidate: str) -> bool:
        return ink_size(candidate, fontsize)[0] <= room

    text = " ".join(text.split())
    if fits(text):
        return text
    too_long = bisect_left(range(len(text)), True, key=lambda n: not fits(text[:n] + "…"))
    return text[: too_long - 1] + "…"
