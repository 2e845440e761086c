"""Figure of an utterance: complete, legible and within its limits."""

import time
import warnings
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from prosodytok.features import extract
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.errors import ConfigError, ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.viz import (
    plot_energy,
    plot_f0,
    plot_prosody,
    plot_segmentation,
    plot_spectrogram,
    plot_tokens,
    plot_waveform,
    save_figure,
)
from tests import synth
from tests.viz.figure_text import assert_legible, texts_of

WORDS = ("the", "", "consequently", "of", "prudence", "x", "voilà", "$5")
SIZES = {"phrase": 64, "word": 256, "frame": 256}


def speech(seconds: float):
    return synth.modulated(synth.harmonics(synth.vibrato(150, rate_hz=0.5), seconds))


def make_tokens(prosody: Prosody, labels: bool = True) -> ProsodyTokens:
    rng = np.random.default_rng(0)
    edges = np.cumsum(rng.integers(5, 45, prosody.num_frames))
    edges = np.array([0, *edges[edges < prosody.num_frames], prosody.num_frames])
    words = [WORDS[i % len(WORDS)] if labels else "" for i in range(edges.size - 1)]
    units = {
        "phrase": Segmentation.unlabelled([*edges[:-1:6], edges[-1]]),
        "word": Segmentation(edges, tuple(words)),
        "frame": Segmentation.grid(prosody.num_frames),
    }
    levels = tuple(
        TokenLevel(name, rng.integers(0, size, (1, len(units[name]))), (size,), units[name])
        for name, size in SIZES.items()
    )
    return ProsodyTokens(levels, Register.estimate(prosody), prosody.num_frames, id="test")


def prefixes(prosody: Prosody) -> dict[str, Prosody]:
    names = ("phrase", "phrase + word", "phrase + word + frame")
    return {name: replace(prosody, f0=prosody.f0 * 1.03**i) for i, name in enumerate(names)}


def figure_of(audio, labels: bool = True, **kwargs) -> Figure:
    prosody = extract(audio)
    tokens = make_tokens(prosody, labels)
    return plot_prosody(prosody, tokens, prefixes(prosody), audio=audio, title="test", **kwargs)


SOUNDS = {
    "3 s": speech(3.0),
    "100 ms": speech(0.1),
    "one frame": speech(0.01),
    "16 s": speech(16.0),
    "silence": synth.silence(1.0),
    "noise": synth.noise(1.0),
}


@pytest.fixture(scope="module", params=list(SOUNDS))
def figure(request) -> Figure:
    """Figures of sounds of various lengths and kinds."""
    return figure_of(SOUNDS[request.param])


def lanes_of(ax) -> dict[str, PolyCollection]:
    return {c.get_label(): c for c in ax.collections if isinstance(c, PolyCollection)}


def test_panels_share_the_time_axis(figure):
    first, *others = figure.axes
    assert len(others) == 3
    for ax in others:
        assert first.get_shared_x_axes().joined(first, ax)
    spans = [(ax.get_position().x0, ax.get_position().x1) for ax in figure.axes]
    assert len(set(spans)) == 1
    assert first.get_xlim() == figure.axes[-1].get_xlim()


@pytest.mark.slow
def test_text_is_complete_and_does_not_overlap(figure):
    assert_legible(figure)


def test_font_size(figure):
    assert min(text.get_fontsize() for text, _ in texts_of(figure)) >= 6.5


def test_text_stays_within_its_box(figure):
    lanes = figure.axes[-1]
    texts_of(figure)
    for text in filter(Text.get_visible, lanes.texts):
        box = lanes.transData.transform_bbox(text.box)
        extent = text.get_window_extent()
        assert min(box.x0, box.x1) <= extent.x0
        assert extent.x1 <= max(box.x0, box.x1)
        assert min(box.y0, box.y1) <= extent.y0
        assert extent.y1 <= max(box.y0, box.y1)


def test_lanes_have_a_box_for_each_unit(figure):
    prosody_frames = round(figure.axes[0].get_xlim()[1] * 100)
    lanes = lanes_of(figure.axes[-1])
    num_words = len(lanes["word"].get_paths())
    assert len(lanes["frame"].get_paths()) == -(-prosody_frames // 8)
    assert len(lanes["phrase"].get_paths()) == -(-num_words // 6)
    assert len(lanes["words"].get_paths()) == num_words


def test_legend_is_complete_and_outside_of_the_panels(figure):
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["measured", "phrase", "phrase + word", "phrase + word + frame"]
    figure.draw_without_rendering()
    panels = [ax.get_window_extent() for ax in figure.axes]
    assert not any(legend.get_window_extent().overlaps(panel) for panel in panels)
    assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_contours_differ_in_colour_and_line_style():
    ax = plot_f0(*with_prefixes())
    lines = [line for line in ax.lines if line.get_label().startswith("phrase")]
    assert len({line.get_color() for line in lines}) == 3
    assert len({str(line._dash_pattern) for line in lines}) == 3


def with_prefixes(seconds: float = 1.0) -> tuple[Prosody, dict[str, Prosody]]:
    prosody = extract(synth.with_gap(speech(seconds), 0.4, 0.6))
    return prosody, prefixes(prosody)


def test_f0_is_drawn_in_voiced_frames_only():
    prosody, decoded = with_prefixes()
    ax = plot_f0(prosody, decoded, reference_hz=100.0)
    for line in ax.lines[:4]:
        if line.get_label() == "measured" or line.get_label() in decoded:
            np.testing.assert_array_equal(np.isfinite(line.get_ydata()), prosody.voiced)
    measured = ax.lines[0].get_ydata()[prosody.voiced]
    np.testing.assert_allclose(measured, 12 * np.log2(prosody.f0[prosody.voiced] / 100), rtol=1e-5)


def test_hz_ticks_match_the_semitones():
    ax = plot_f0(with_prefixes()[0], reference_hz=100.0)
    (right,) = ax.child_axes
    ax.figure.draw_without_rendering()
    labels = [float(label.get_text()) for label in right.get_yticklabels()]
    assert len(labels) >= 2
    np.testing.assert_allclose(right.get_yticks(), 12 * np.log2(np.array(labels) / 100))


def test_octave_errors_are_marked_at_the_edge():
    prosody, _ = with_prefixes(5.0)
    f0 = prosody.f0.copy()
    f0[200] *= 4
    ax = plot_f0(replace(prosody, f0=f0))
    assert ax.get_ylim()[1] < 12
    (above,) = [line for line in ax.lines if line.get_marker() == "^"]
    np.testing.assert_allclose(above.get_xdata(), prosody.times[200])
    np.testing.assert_allclose(above.get_ydata(), ax.get_ylim()[1])


def test_energy_shows_the_contour_of_all_levels():
    prosody, decoded = with_prefixes()
    decoded["phrase + word + frame"] = replace(prosody, energy=prosody.energy + 3)
    measured, finest = plot_energy(prosody, decoded).lines
    np.testing.assert_array_equal(measured.get_ydata(), prosody.energy)
    np.testing.assert_array_equal(finest.get_ydata(), prosody.energy + 3)
    assert finest.get_color() == plot_f0(prosody, decoded).lines[3].get_color()


@pytest.mark.parametrize("sound", ["spectrogram", "waveform"])
def test_type_of_the_sound_panel(sound):
    ax = figure_of(speech(1.0), sound=sound).axes[0]
    assert bool(ax.images) == (sound == "spectrogram")
    assert bool(ax.collections) == (sound == "waveform")


def test_waveform_contains_every_peak():
    samples = np.zeros(80_000, dtype=np.float32)
    samples[[1234, 54_321]] = 0.5, -0.25
    (wave,) = plot_waveform(replace(speech(5.0), samples=samples)).collections
    heights = wave.get_paths()[0].vertices[:, 1]
    assert heights.max() == 0.5
    assert heights.min() == -0.25


def test_spectrogram_is_dark_at_the_tone():
    audio = synth.join(synth.harmonics(synth.constant(1000), num_harmonics=1), synth.silence())
    (image,) = plot_spectrogram(audio).images
    power = image.get_array()
    frequency, column = np.unravel_index(power.argmax(), power.shape)
    _, duration, _, highest = image.get_extent()
    assert abs(frequency / power.shape[0] * highest - 1.0) < 0.1
    assert column / power.shape[1] * duration < 1.0
    assert image.norm.vmin > power[:, -100:].max()


@pytest.mark.slow
def test_silence_is_white():
    (image,) = plot_spectrogram(synth.silence()).images
    assert image.get_array().max() == image.norm.vmin


def test_isolated_frames_are_visible():
    prosody, _ = with_prefixes()
    voiced = np.arange(100) == 50
    decoded = {"phrase": replace(prosody, voiced=voiced)}
    (dot,) = [line for line in plot_f0(prosody, decoded).lines[2:] if line.get_marker() == "."]
    np.testing.assert_allclose(dot.get_xdata(), prosody.times[voiced])


def test_words_and_codes_are_written():
    prosody = extract(speech(2.0))
    tokens = make_tokens(prosody)
    figure = plot_prosody(prosody, tokens)
    written = {text.get_text() for text, _ in texts_of(figure)}
    words = {label for label in tokens["word"].segmentation.labels if label}
    assert words <= written
    assert {str(code) for code in tokens["word"].codes[0]} <= written


def frame_codes_of(figure: Figure) -> list[Text]:
    """Texts of complete frame tokens, as last drawn."""
    (low, high), texts = lane_span(figure, "frame"), figure.axes[-1].texts
    return [t for t in texts if low <= t.box.y0 <= high and t.box.width == pytest.approx(0.08)]


def lane_span(figure: Figure, name: str) -> tuple[float, float]:
    heights = lanes_of(figure.axes[-1])[name].get_paths()[0].vertices[:, 1]
    return heights.min(), heights.max()


def test_numbers_appear_when_zoomed_in():
    figure = figure_of(speech(30.0))
    figure.draw_without_rendering()
    assert not any(text.get_visible() for text in frame_codes_of(figure))
    figure.axes[0].set_xlim(10, 12)
    figure.draw_without_rendering()
    assert all(text.get_visible() for text in frame_codes_of(figure))


def test_numbers_of_equal_boxes_have_the_same_rotation():
    figure = figure_of(speech(4.0))
    figure.draw_without_rendering()
    codes = frame_codes_of(figure)
    assert len(codes) == 50
    assert {text.get_rotation() for text in codes} == {90.0}


def test_levels_of_several_codebooks():
    units = Segmentation([0, 50, 100], ("so", ""))
    level = TokenLevel("word", [[1, 2], [30, 4]], (8, 32), units)
    ax = plot_tokens(ProsodyTokens((level,), Register(), 100))
    assert [t.get_text() for t in ax.texts] == ["so", "1 30", "2 4"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["word"]


def test_a_figure_without_tokens():
    prosody = extract(speech(1.0))
    figure = plot_prosody(prosody)
    assert len(figure.axes) == 2
    assert len(plot_prosody(prosody, audio=speech(1.0)).axes) == 3
    assert "time (s)" in [text.get_text() for text, _ in texts_of(figure)]


def test_tokens_without_words_or_phrases():
    prosody = extract(speech(1.0))
    assert "words" not in lanes_of(plot_tokens(make_tokens(prosody, labels=False)))
    figure = plot_prosody(prosody, make_tokens(prosody).select(["frame"]))
    assert list(lanes_of(figure.axes[-1])) == ["frame"]


@pytest.mark.parametrize(
    ("seconds", "width"), [(0.1, 180), (3, 180), (10, 300), (16, 420), (40, 420)]
)
def test_width_depends_on_the_duration(seconds, width):
    num_frames = round(100 * seconds)
    level = np.full(num_frames, 120.0)
    figure = plot_prosody(Prosody(level, level > 0, -level))
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)


@pytest.mark.parametrize("title", ["$5 and $6", "a_b^c", "word " * 200, "two\nlines"])
def test_any_title_fits(title):
    prosody = extract(speech(0.5))
    figure = plot_prosody(prosody, title=title)
    boxes = [box for text, box in texts_of(figure) if text in figure.texts]
    assert len(boxes) == 1
    assert boxes[0].x1 <= figure.bbox.x1
    assert boxes[0].height < 0.05 * figure.bbox.height


@pytest.mark.parametrize("other", ["tokens", "decoded", "audio"])
def test_different_lengths(other):
    prosody, longer = extract(speech(1.0)), extract(speech(1.1))
    given = {
        "tokens": {"tokens": make_tokens(longer)},
        "decoded": {"decoded": {"phrase": longer}},
        "audio": {"audio": speech(1.1)},
    }[other]
    with pytest.raises(ProsodytokError, match="110"):
        plot_prosody(prosody, **given)


def test_given_and_new_axes():
    audio = speech(1.0)
    prosody = extract(audio)
    tokens = make_tokens(prosody)
    calls = [
        (plot_waveform, audio),
        (plot_spectrogram, audio),
        (plot_f0, prosody),
        (plot_energy, prosody),
        (plot_tokens, tokens),
        (plot_segmentation, tokens["word"].segmentation),
    ]
    for function, argument in calls:
        ax = Figure().add_subplot()
        assert function(argument, ax=ax) is ax
        own = function(argument)
        assert own is not ax
        own.figure.draw_without_rendering()
        assert own.get_xlim() == (0.0, 1.0)


def test_segmentation_has_a_box_for_each_unit():
    units = Segmentation([0, 40, 60, 100], ("one", "", "two"))
    ax = plot_segmentation(units)
    assert len(lanes_of(ax)["words"].get_paths()) == 3
    assert [text.get_text() for text in ax.texts] == ["one", "two"]


def test_global_state_is_unchanged(tmp_path):
    before = dict(mpl.rcParams)
    save_figure(figure_of(speech(0.5)), tmp_path / "a.pdf")
    assert dict(mpl.rcParams) == before
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


MAGIC = {".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-", ".svg": b"<?xml"}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [*MAGIC, ".PNG"])
def test_suffix_selects_the_format(suffix, tmp_path):
    path = tmp_path / "new" / f"figure{suffix}"
    save_figure(figure_of(speech(0.5)), path)
    content = path.read_bytes()
    assert content.startswith(MAGIC[suffix.lower()])
    assert suffix != ".svg" or b"<svg" in content
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", MAGIC)
def test_equal_figures_give_equal_files(suffix, tmp_path):
    for name in ("a", "b"):
        save_figure(figure_of(speech(0.5)), tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("name", ["figure.jpg", "figure", "figure.npz"])
def test_unsupported_suffix(name, tmp_path):
    with pytest.raises(ConfigError, match=r"\.png, \.pdf, \.svg"):
        save_figure(Figure(), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_time_of_a_long_figure(tmp_path):
    audio = speech(16.0)
    prosody = extract(audio)
    tokens, decoded = make_tokens(prosody), prefixes(prosody)
    start = time.process_time()
    save_figure(plot_prosody(prosody, tokens, decoded, audio=audio), tmp_path / "a.png")
    assert time.process_time() - start < 4.0  # 1.5 s on one core


def test_fonts_cover_european_languages():
    units = Segmentation([0, 50, 100], ("вечер", "größe"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_segmentation(units).figure.draw_without_rendering()
