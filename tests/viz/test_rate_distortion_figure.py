"""Rate-distortion figure."""

from collections.abc import Sequence

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from prosodytok.viz import RateCurve, RatePoint, plot_rate_distortion, save_figure

NAN = (float("nan"),) * 3


def curve(name: str, factor: float, floors: bool = True) -> RateCurve:
    points = [
        RatePoint(
            rate,
            {
                "f0_mae": (factor * error, factor * error - 5, factor * error + 5),
                "vde": (0.001 * error, 0.0005 * error, 0.002 * error),
                "energy_rmse": NAN,
            },
            coded_bitrate=0.9 * rate,
            label=label,
        )
        for rate, error, label in ((6, 200, "phrase"), (47, 100, "+ word"), (148, 45, "+ frame"))
    ]
    return RateCurve(name, points, {"f0_mae": 20.0 * factor} if floors else {})


@pytest.fixture(scope="module")
def figure() -> Figure:
    return plot_rate_distortion([curve("dev", 1.0), curve("tobi", 0.7), curve("x", 0.9, False)])


def lines(figure: Figure, panel: int, name: str) -> Sequence[np.ndarray]:
    (found,) = [x for x in figure.axes[panel].lines if x.get_label() == name]
    return found.get_xydata().T


def test_lines_connect_the_points(figure: Figure) -> None:
    x, y = lines(figure, 0, "tobi")
    assert x.tolist() == [6, 47, 148]
    np.testing.assert_allclose(y, [140, 70, 31.5])
    _, percent = lines(figure, 1, "dev")
    np.testing.assert_allclose(percent, [20, 10, 4.5])


def test_nan_is_not_drawn(figure: Figure) -> None:
    x, _ = lines(figure, 2, "dev")
    assert x.size == 0


def test_intervals_and_coded_rates_are_drawn(figure: Figure) -> None:
    drawn = [line.get_xydata() for line in figure.axes[0].lines]
    assert any(np.allclose(xy, [[47, 95], [47, 105]]) for xy in drawn if xy.shape == (2, 2))
    hollow = [x for x in figure.axes[0].lines if x.get_markerfacecolor() == "white"]
    rates = sorted({float(x.get_xdata()[0]) for x in hollow})
    assert rates == pytest.approx([5.4, 42.3, 133.2])


def test_floors_are_dashed(figure: Figure) -> None:
    dashed = [x for x in figure.axes[0].lines if x.get_linestyle() == "--"]
    assert sorted(float(x.get_ydata()[0]) for x in dashed) == [14.0, 20.0]
    assert not [x for x in figure.axes[1].lines if x.get_linestyle() == "--"]


def test_curves_differ_in_greyscale(figure: Figure) -> None:
    found = [x for x in figure.axes[0].lines if x.get_label() in ("dev", "tobi", "x")]
    assert len({x.get_marker() for x in found}) == 3
    assert len({to_rgb(x.get_color()) for x in found}) == 3


def test_labels_are_above_all_points(figure: Figure) -> None:
    figure.draw_without_rendering()
    panel = figure.axes[0]
    assert [text.get_text() for text in panel.texts] == ["phrase", "+ word", "+ frame"]
    highest = panel.transData.transform((1, 205))[1]
    assert all(text.get_window_extent().y0 > highest for text in panel.texts)


def test_legend(figure: Figure) -> None:
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["dev", "tobi", "x", "entropy-coded", "two trackers differ"]
    bare = plot_rate_distortion([RateCurve("a", [RatePoint(5.0, {})])])
    assert [text.get_text() for text in bare.legends[0].get_texts()] == ["a"]


def test_axis_limits(figure: Figure) -> None:
    low, high = figure.axes[0].get_xlim()
    assert low < 5.4
    assert high > 148
    assert figure.axes[0].get_ylim()[0] == 0
    assert figure.axes[0].get_xscale() == "log"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_saving(figure: Figure, tmp_path, suffix: str) -> None:
    save_figure(figure, tmp_path / f"a{suffix}", dpi=50)
    save_figure(plot_rate_distortion([]), tmp_path / f"none{suffix}", dpi=50)
