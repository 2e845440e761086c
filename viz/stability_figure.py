"""Agreement of the tokens of a recording with those of changed copies, by codebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from prosodytok.viz import figure_style as style

#: Height of a row (mm), and of what is above and below the rows.
ROW, MARGINS = 5.0, 24.0
#: Codebooks of the yardstick begin with this word.
YARDSTICK = "k-means"


def plot_stability(measured: Mapping[str, Any]) -> Figure:
    """Draw the share of time in which changed copies have the same code: a row for each change.

    Parameters
    ----------
    measured : mapping
        ``corpora.NAME.stability`` in evaluation.json, or ``asdict`` of a `Stability`.

    Returns
    -------
    Figure
        One panel for each codebook over the width of a page: agreement over all frames with its 95 %
        interval, agreement in speech alone, k-means with as many codes in grey, and chance as a
        line.
    """
    figure = style.new_figure(style.PAGE_WIDTH, 80)
    return figure
