"""Figure of the stability of tokens."""

import json
import math
from typing import Any

import pytest
from matplotlib.figure import Figure

from prosodytok.evaluation.report_files import nan_to_none
from prosodytok.viz import plot_stability
from tests.viz.figure_text import assert_legible, words_of

CODEBOOKS = {"phrase": 64, "word 1": 32, "word": 1024, "frame": 320}
YARDSTICKS = {"k-means 32": 32, "k-means 1024": 1024}


def interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def stability(**yardsticks: int) -> dict[str, Any]:
    """Agreement of 0.5 in a shift, undefined after a cut; of the yardsticks, 0.6 and 0.7."""
    books = CODEBOOKS | yardsticks
    shares = dict.fromkeys(CODEBOOKS, 0.5) | {"k-means 32": 0.6, "k-means 1024": 0.7}
    shift = {name: interval(shares[name]) for name in books}
    undefined = {name: interval(math.nan) for name in books}
    return {
        "codebooks": {name: {"codes": codes, "chance": 0.1} for name, codes in books.items()},
        "changes": {
            "shift": {"agreement": shift, "speech": shift},
            "last 0.3 s cut": {"agreement": undefined, "speech": undefined},
        },
    }


def marks(figure: Figure, panel: int, marker: str) -> list[float]:
    """Horizontal positions of the marks in a panel."""
    lines = [line for line in figure.axes[panel].lines if line.get_marker() == marker]
    return [float(x) for line in lines for x in line.get_xdata()]


def test_each_codebook_has_a_panel_with_the_nearest_yardstick() -> None:
    figure = plot_stability(stability(**YARDSTICKS))
    assert len(figure.axes) == len(CODEBOOKS)
    assert [marks(figure, panel, "D") for panel in range(4)] == [[], [60], [70], []]
    assert [marks(figure, panel, "o") for panel in range(4)] == [[50, 50]] * 4
    assert "k-means of plain features" in words_of(figure)
    assert_legible(figure)


@pytest.mark.parametrize("from_json", [True, False])
def test_without_yardsticks(from_json: bool) -> None:
    found = stability()
    found = json.loads(json.dumps(nan_to_none(found))) if from_json else found
    figure = plot_stability(found)
    assert not any(marks(figure, panel, "D") for panel in range(4))
    assert "k-means of plain features" not in words_of(figure)
