"""Annotation tiers: every label is drawn below its point and is legible."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from prosodytok.io import Entry, Tier
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.viz import plot_prosody, plot_tiers, tiers_height
from tests.viz.figure_text import assert_legible, texts_of, words_of

TOBI = ("L+H*", "!H*", "L-H%", "H*", "%r", "$_^", "L*+H", "слово")


def points(times, labels, end=2.0, name="tones") -> Tier:
    entries = [Entry(float(t), float(t), label) for t, label in zip(times, labels, strict=True)]
    return Tier(name, "point", tuple(entries), 0.0, end)


def intervals(edges, labels, end=2.0, name="words") -> Tier:
    spans = zip(edges[:-1], edges[1:], labels, strict=True)
    return Tier(name, "interval", tuple(Entry(*map(float, s[:2]), s[2]) for s in spans), 0.0, end)


def sixty(kind: str) -> Tier:
    labels = [TOBI[i % len(TOBI)] for i in range(60)]
    if kind == "point":
        return points(np.linspace(0, 2, 60), labels)
    return intervals(np.linspace(0, 2, 61), labels)


def figure_of(*tiers: Tier, seconds: float = 2.0) -> Figure:
    level = np.full(round(100 * seconds), 120.0)
    prosody = Prosody(level, level > 0, -level)
    words = Segmentation.unlabelled([0, prosody.num_frames // 2, prosody.num_frames])
    tokens = ProsodyTokens(
        (TokenLevel("word", [[1, 2]], (8,), words),), Register(), prosody.num_frames
    )
    return plot_prosody(prosody, tokens, tiers=tiers)


def collections_of(ax) -> dict:
    return {c.get_label(): c for c in ax.collections if not c.get_label().startswith("_")}


def test_tiers_are_below_the_tokens_on_the_same_axis():
    figure = figure_of(sixty("interval"), points([0.5, 1.0], ["H*", "L-L%"]))
    *_, lanes, tiers = figure.axes
    assert lanes.get_shared_x_axes().joined(lanes, tiers)
    assert tiers.get_xlim() == lanes.get_xlim()
    assert tiers.get_position().y1 < lanes.get_position().y0
    assert tiers.get_xlabel() == "time (s)"
    assert [text.get_text() for text in tiers.get_yticklabels()] == ["words", "tones"]


def test_a_tier_has_a_box_or_a_tick_for_each_entry():
    ax = plot_tiers([sixty("interval"), points([0.5, 1.5], ["H*", ""])], duration=2.0)
    found = collections_of(ax)
    assert isinstance(found["words"], PolyCollection)
    assert len(found["words"].get_paths()) == 60
    assert isinstance(found["tones"], LineCollection)
    assert [path.vertices[0, 0] for path in found["tones"].get_paths()] == [0.5, 1.5]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["point", "interval"])
@pytest.mark.parametrize("seconds", [2.0, 1.8])
def test_sixty_labels_in_two_seconds_are_legible(kind, seconds):
    figure = figure_of(sixty(kind), seconds=seconds)
    assert_legible(figure)
    expected = [e.label for e in sixty(kind).entries if e.start < seconds and e.end <= seconds]
    texts = words_of(figure)
    assert all(texts.count(label) >= expected.count(label) for label in TOBI)


def test_points_after_the_end():
    figure = figure_of(points([1.5, 2.003, 2.3], ["H*", "L%", "H%"], end=2.35))
    assert_legible(figure)
    assert {"H*", "L%"} <= set(words_of(figure))
    assert "H%" not in words_of(figure)
    ticks = collections_of(figure.axes[-1])["tones"].get_paths()
    assert [path.vertices[0, 0] for path in ticks] == [1.5, 2.0]


def test_labels_of_the_same_time_are_stacked():
    figure = figure_of(points([1.0] * 4, ["L+H*", "L-", "H%", "4"]))
    assert_legible(figure)
    boxes = {text.get_text(): box for text, box in texts_of(figure)}
    heights = [boxes[label].y0 for label in ("L+H*", "L-", "H%", "4")]
    assert sorted(heights, reverse=True) == heights


def test_each_label_is_below_its_point():
    tier = points([0.0, 0.5, 0.52, 1.99], ["%L", "L+H*", "!H*", "L-H%"])
    figure = figure_of(tier)
    assert_legible(figure)
    ax = figure.axes[-1]
    boxes = {text.get_text(): box for text, box in texts_of(figure)}
    for entry in tier.entries:
        x = ax.transData.transform((entry.start, 0))[0]
        assert boxes[entry.label].x0 - 3 <= x <= boxes[entry.label].x1 + 3


def test_long_and_unusual_labels():
    words = intervals([0, 0.1, 0.2, 2.0], ["consequently", "$5_^", "два\nдня"], name="слова")
    figure = figure_of(words, points([1.0], ["a$b$c^_"], name="to$ne$s and a very long name"))
    assert_legible(figure)
    assert {"consequently", "$5_^", "два дня", "a$b$c^_", "слова"} <= set(words_of(figure))


@pytest.mark.parametrize("tier", [points([], []), intervals([0.0], [])])
def test_an_empty_tier_keeps_its_name(tier):
    figure = figure_of(tier)
    assert_legible(figure)
    assert tier.name in words_of(figure)


def guides_of(ax) -> list[list[float]]:
    """Times of the guide lines at edges of words and at points, all in the background."""
    lines = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert {c.get_zorder() for c in lines} <= {0}
    return [[path.vertices[0, 0] for path in c.get_paths()] for c in lines]


def test_guide_lines_of_words_and_points():
    figure = figure_of(sixty("interval"), points([0.5, 0.7, 1.5], ["H*", " ", "L%"]))
    f0, energy, lanes, _ = figure.axes
    for panel in (f0, energy, lanes):
        assert guides_of(panel) == [[1.0], [0.5, 1.5]]
        assert panel.get_xlim() == (0.0, 2.0)
    edges, marks = (c for c in f0.collections if isinstance(c, LineCollection))
    assert edges.get_linestyle() != marks.get_linestyle()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["measured"]


def test_no_guide_lines_without_tiers():
    assert not any(guides_of(panel) for panel in figure_of().axes)


def test_tiers_need_no_tokens():
    level = np.full(200, 120.0)
    figure = plot_prosody(Prosody(level, level > 0, -level), tiers=[points([0.5], ["H*"])])
    assert guides_of(figure.axes[0]) == [[], [0.5]]


@pytest.mark.slow
def test_no_tiers():
    assert tiers_height([]) == 0.0
    assert len(figure_of().axes) == 3
    plot_tiers([], duration=1.0).figure.draw_without_rendering()


def test_height_depends_on_the_labels():
    few, many = points([0.5, 1.5], ["H*", "H*"]), sixty("point")
    assert tiers_height([few]) < tiers_height([many])
    assert tiers_height([few, few]) > 1.9 * tiers_height([few])
    panel = figure_of(few, many).axes[-1]
    millimetres = panel.get_window_extent().height / panel.figure.dpi * 25.4
    assert millimetres == pytest.approx(tiers_height([few, many], 2.0), rel=0.01)


@pytest.mark.slow
def test_given_and_new_axes():
    ax = Figure().add_subplot()
    assert plot_tiers([sixty("point")], duration=2.0, ax=ax) is ax
    assert_legible(plot_tiers([sixty("point")], duration=2.0).figure)


def test_tiers_of_another_recording():
    with pytest.raises(ProsodytokError, match=r"'tones' ends at 2\.00 s but the prosody at 3\.00"):
        figure_of(points([1.0], ["H*"]), seconds=3.0)
    with pytest.raises(ProsodytokError, match="axis of 0"):
        plot_tiers([], duration=0.0)
