"""The report in a browser: display, interaction and playback."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from prosodytok.ui.report import ReportUtterance
from tests.command import call
from tests.ui.report.browser import Page, open_browser
from tests.ui.report.conftest import HOSTILE, SAMPLE
from tests.ui.report.read_page import data_of, samples_of

pytestmark = pytest.mark.slow

PREFIXES = ["phrase", "phrase + word", "phrase + word + frame"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with open_browser() as page:
        yield page


@pytest.fixture
def opened(browser: Page, page: Path) -> Iterator[Page]:
    """Report at the annotated utterance; the browser log must stay empty."""
    browser.open(page)
    browser.choose("annotated")
    yield browser
    assert browser.driver.get_log("browser") == []


def test_the_first_utterance_is_shown(
    browser: Page, page: Path, utterances: list[ReportUtterance]
) -> None:
    browser.open(page)
    assert browser.text("h2") == utterances[0].tokens.id
    assert browser.text("#summary").startswith("2 utterances, ")
    assert len(browser.all("#list li")) == 2
    for level in utterances[0].tokens.levels:
        row = "codes" if any(level.segmentation.labels) else level.name
        boxes = browser.all(f'[data-row="{row}"] rect.code')
        assert len(boxes) == len(level)


def test_contours_lanes_and_tiers_are_visible(
    opened: Page, utterances: list[ReportUtterance]
) -> None:
    for row in ("F0", "energy"):
        paths = opened.all(f'[data-row="{row}"] path.contour')
        assert [p.get_attribute("data-name") for p in paths] == ["measured", *PREFIXES]
        assert all(p.size["width"] > 300 for p in paths)
    words = utterances[1].tokens["word"]
    codes = [" ".join(map(str, unit)) for unit in words.codes.T]
    assert opened.texts('[data-row="codes"] text') == codes
    assert opened.texts('[data-row="word"] text') == [HOSTILE, "löyly"]
    assert opened.texts('[data-row="tones"] text') == ["%L", "L*+H", "H%"]
    assert opened.texts('[data-row="words"] text') == [HOSTILE, "löyly"]
    assert "F0" in opened.texts("#chart .caption")


def test_labels_make_no_elements(opened: Page) -> None:
    assert opened.all("#harm") == []
    assert HOSTILE in opened.text("#text")
    assert HOSTILE in opened.hover(0.3, "word")
    assert opened.all("#harm") == []


def test_no_external_requests(opened: Page) -> None:
    opened.one("#play").click()
    opened.wait(lambda: opened.playing)
    fetched = opened.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in fetched if not name.startswith("data:")] == []


def test_tip_contains_code_label_and_time(opened: Page, utterances: list[ReportUtterance]) -> None:
    words = utterances[1].tokens["word"]
    codes = " ".join(map(str, words.codes[:, 2]))
    tip = opened.hover(1.2 / 2.1, "codes")
    assert tip.split("\n") == [
        "word",
        "word löyly",
        f"codes {codes}",
        "time 1.00 to 1.80 s (800 ms)",
    ]
    assert opened.hover(0.1 / 2.1, "word").split("\n")[1] == "word (pause)"
    assert opened.hover(1.4 / 2.1, "tones").split("\n") == ["tones", "label L*+H", "time 1.40 s"]
    tip = opened.hover(0.8 / 2.1, "F0")
    hz = utterances[1].prosody.f0[80]
    assert tip.startswith("F0 at 0.80 s")
    assert re.search(rf"^measured [+\u2212][\d.]+ st, {hz:.0f} Hz$", tip, re.M)
    assert all(f"\n{name} " in tip for name in PREFIXES)
    assert opened.hover(0.8 / 2.1, "sound") == ""


def test_a_click_moves_the_cursor(opened: Page) -> None:
    opened.click(1.4 / 2.1, "tones")
    assert opened.time == pytest.approx(1.4, abs=0.01)
    reading = dict(zip(opened.texts("#reading dt"), opened.texts("#reading dd"), strict=True))
    assert reading["tones"] == "L*+H"
    assert reading["word"].startswith("löyly: ")
    chart = opened.one("#chart")
    assert float(chart.get_attribute("aria-valuenow")) == pytest.approx(1.4, abs=0.01)
    assert "tones L*+H" in chart.get_attribute("aria-valuetext")
    x = float(opened.one(".cursor").get_attribute("x1"))
    assert x == pytest.approx(opened.run("return view.x(1.4)"), abs=2)


def test_dragging_zooms_and_a_double_click_shows_all(opened: Page) -> None:
    opened.drag(1.0 / 2.1, 1.8 / 2.1)
    assert opened.visible_range == pytest.approx((1.0, 1.8), abs=0.01)
    assert opened.texts('[data-row="word"] text') == ["löyly"]
    opened.drag(0.75, 0.25)  # leftwards, within the visible range
    assert opened.visible_range == pytest.approx((1.2, 1.6), abs=0.01)
    opened.actions.move_to_element_with_offset(*opened.point(0.5)).double_click().perform()
    assert opened.visible_range == (0.0, 2.1)


def test_the_wheel_zooms_with_ctrl_and_scrolls_without(opened: Page) -> None:
    wheel = (
        "const [deltaY, deltaX, ctrlKey, clientX] = arguments;"
        "const event = { deltaY, deltaX, ctrlKey, clientX, cancelable: true };"
        "return document.getElementById('chart').dispatchEvent(new WheelEvent('wheel', event));"
    )
    box = opened.run("return document.getElementById('chart').getBoundingClientRect().left")
    x = box + opened.run("return view.x(0.5)")
    assert opened.run(wheel, -100, 0, False, x)  # scrolling is not prevented
    assert opened.visible_range == (0.0, 2.1)
    assert not opened.run(wheel, -250, 0, True, x)
    start, end = opened.visible_range
    assert end - start == pytest.approx(2.1 / np.e, rel=1e-3)
    assert opened.run("return view.timeAt(arguments[0])", x - box) == pytest.approx(0.5, abs=0.002)
    opened.run(wheel, 0, 10_000, False, x)
    assert opened.visible_range[1] == pytest.approx(2.1)


def test_buttons_zoom_about_the_cursor(opened: Page) -> None:
    opened.click(0.5)
    opened.one("#closer").click()
    start, end = opened.visible_range
    assert (start + end) / 2 == pytest.approx(1.05, abs=0.01)
    opened.one("#farther").click()
    assert opened.visible_range == pytest.approx((0, 2.1))
    for _ in range(12):
        opened.one("#closer").click()
    start, end = opened.visible_range
    assert end - start == pytest.approx(0.05)
    opened.one("#whole").click()
    assert opened.visible_range == (0.0, 2.1)


def offsets(page: Page) -> list[float]:
    """Start offsets of the sounds played so far (s)."""
    return page.run("return played.map(({ offset }) => offset)")


def test_playing_moves_the_cursor_to_the_end(opened: Page) -> None:
    opened.one("#play").click()
    opened.wait(lambda: opened.playing == "original")
    assert opened.text("#play") == "Stop"
    times = []
    opened.wait(lambda: times.append(opened.time) or not opened.playing)
    assert times == sorted(times)
    assert sum(0.1 < time < 2.0 for time in times) > 5
    assert opened.time == pytest.approx(2.1)
    assert opened.text("#play") == "Play"


@pytest.mark.parametrize("number", range(4))
def test_each_choice_plays_its_sound(opened: Page, page: Path, number: int) -> None:
    name = ["original", *PREFIXES][number]
    opened.label("sounds", name).click()
    opened.one("#play").click()
    opened.wait(lambda: opened.playing == name)
    sounds = data_of(page)["utterance-1"]["sounds"]
    (played,) = opened.run("return played.map(({ samples }) => samples)")
    correlations = [np.corrcoef(samples_of(s), resampled(played, s))[0, 1] for s in sounds]
    assert np.argmax(correlations) == number
    assert correlations[number] > 0.99  # without delay


def resampled(played: list[float], sound: dict[str, str]) -> np.ndarray:
    """Played samples at the sample rate of the file."""
    indices = np.linspace(0, len(played) - 1, samples_of(sound).size)
    return np.interp(indices, np.arange(len(played)), played)


def test_another_sound_continues_at_the_same_time(opened: Page) -> None:
    opened.one("#play").click()
    opened.wait(lambda: opened.time > 0.5)
    opened.label("sounds", "phrase").click()
    opened.wait(lambda: opened.playing == "phrase")
    assert len(offsets(opened)) == 2
    assert 0.4 < offsets(opened)[1] < 1.9


def test_stop_and_seek_during_playback(opened: Page) -> None:
    opened.one("#play").click()
    opened.wait(lambda: opened.time > 0.2)
    opened.click(1.5 / 2.1)
    opened.wait(lambda: len(offsets(opened)) == 2)
    assert offsets(opened)[1] == pytest.approx(1.5, abs=0.01)
    assert opened.playing == "original"
    opened.one("#play").click()
    assert opened.playing == ""
    assert 1.4 < opened.time < 2.1


def test_playback_is_limited_to_the_visible_range(opened: Page) -> None:
    opened.drag(1.0 / 2.1, 1.4 / 2.1)
    opened.one("#play").click()
    opened.wait(lambda: opened.playing)
    opened.wait(lambda: not opened.playing, 2)
    assert offsets(opened)[0] == pytest.approx(1.0, abs=0.01)
    assert opened.time == pytest.approx(1.4, abs=0.02)
    opened.one("#play").click()
    opened.wait(lambda: len(offsets(opened)) == 2)
    assert offsets(opened)[1] == pytest.approx(1.0, abs=0.01)


def test_another_utterance_stops_playback(opened: Page) -> None:
    opened.one("#play").click()
    opened.wait(lambda: opened.playing)
    opened.all("#list button")[0].click()
    assert opened.playing == ""
    assert opened.time == 0
    opened.press(" ")
    opened.wait(lambda: len(offsets(opened)) == 2)
    short, long = opened.run("return played.map(({ samples }) => samples.length)")
    assert long > short


def test_undecodable_sound_is_reported(opened: Page) -> None:
    opened.run("player.sounds.set('original', btoa('no sound'))")
    opened.one("#play").click()
    opened.wait(lambda: opened.one("#problem").is_displayed())
    assert "cannot play" in opened.text("#problem")
    assert opened.playing == ""


def test_mp3_delay_is_skipped_if_the_decoder_keeps_it(opened: Page) -> None:
    opened.run(
        "player.context = new AudioContext();"
        "player.start(player.context.createBuffer(1, 2.2 * 16000, 16000), 0.5, 1.0)"
    )
    assert offsets(opened) == [pytest.approx(0.5 + 1105 / 16_000)]


def test_contours_can_be_hidden(opened: Page) -> None:
    for name in ("measured", "phrase + word"):
        opened.label("contours", name).click()
    remaining = ["phrase", "phrase + word + frame"]
    for row in ("F0", "energy"):
        paths = opened.all(f'[data-row="{row}"] path.contour')
        assert [p.get_attribute("data-name") for p in paths] == remaining
    opened.label("contours", "measured").click()
    assert len(opened.all('[data-row="F0"] path.dots')) == 1


def test_keys(opened: Page) -> None:
    right, left, home = "\ue014", "\ue012", "\ue011"
    opened.press(3 * right)
    assert opened.time == pytest.approx(0.06)
    opened.press(left)
    assert opened.time == pytest.approx(0.04)
    opened.press(home)
    assert opened.time == 0
    opened.press("3")
    assert opened.one("#sounds input:checked").get_attribute("value") == "phrase + word"
    opened.press(" ")
    opened.wait(lambda: opened.playing == "phrase + word")
    opened.press(" ")
    assert opened.playing == ""
    opened.press("+")
    assert opened.visible_range != (0.0, 2.1)
    opened.press("0")
    assert opened.visible_range == (0.0, 2.1)
    opened.press("p")
    assert opened.text("h2").startswith("austen")
    opened.press("n")
    assert opened.text("h2") == "annotated"
    opened.press("n")  # the last one
    assert opened.text("h2") == "annotated"


def test_tables_contain_rates_and_errors(opened: Page, page: Path) -> None:
    rows = data_of(page)["utterance-1"]["scores"]
    shown = [row.text for row in opened.all("#errors tbody tr")]
    assert [text.startswith(row["name"]) for text, row in zip(shown, rows, strict=True)] == [
        True
    ] * 3
    assert f" {rows[2]['bitrate']:.0f} {rows[2]['f0_mae']:.0f} " in shown[2]
    assert len(opened.all("#all-errors tbody tr")) == 3
    assert "Words: from a TextGrid." in opened.text("#register")


def test_many_utterances_are_filtered(browser: Page, long_page: Path) -> None:
    browser.open(long_page)
    browser.one("#filter").send_keys("LÖYLY")
    shown = [item for item in browser.all("#list li") if item.is_displayed()]
    assert len(shown) == 10
    assert browser.text("h2") == "utterance 0"  # typed letters are not shortcuts
    shown[2].click()
    assert browser.text("h2") == "utterance 5"
    browser.press("n")
    assert browser.text("h2") == "utterance 7"
    browser.one("#filter").send_keys("?")
    assert browser.one("#none").is_displayed()


@pytest.mark.parametrize("width", [360, 700, 1280, 3840])
@pytest.mark.parametrize("dark", [False, True])
def test_page_fits_every_screen(browser: Page, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width, dark=dark)
    for name in ("austen", "annotated"):
        browser.choose(name)
        assert browser.run(WIDER) <= 0
        assert overlapping(browser) == []
        assert browser.run(CUT) == []
    assert browser.run(CONTRAST, "var(--text)", "var(--muted)") > 4.5
    background = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) < 200) == dark


#: Excess width of the page over the window (px), which would require horizontal scrolling.
WIDER = """
const { scrollWidth, clientWidth } = document.documentElement;
return scrollWidth - clientWidth;
"""
#: Texts that exceed the chart.
CUT = """
const chart = document.getElementById("chart").getBoundingClientRect();
return [...document.querySelectorAll("#chart text")].filter((text) => {
  const box = text.getBoundingClientRect();
  return box.left < chart.left - 1 || box.right > chart.right + 1 || box.bottom > chart.bottom + 1
    || box.top < chart.top - 2;
}).map((text) => text.textContent);
"""
#: Smallest WCAG contrast of some colours with the background.
CONTRAST = """
const light = (color) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = color;
  const parts = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map((part) => part / 255);
  probe.remove();
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
};
const back = light("var(--back)");
return Math.min(...[...arguments].map(light).map((c) => Math.max(c / back, back / c)));
"""
BOXES = """
return [...document.querySelectorAll("#chart text")].map((text) => {
  const { left, right, top, bottom } = text.getBoundingClientRect();
  return [text.textContent, left, right, top, bottom];
});
"""


def overlapping(page: Page) -> list[tuple[str, str]]:
    """Pairs of texts of the chart that overlap by more than a pixel or two."""
    names, boxes = [], []
    for name, *box in page.run(BOXES):
        names.append(name)
        boxes.append(box)
    left, right, top, bottom = np.array(boxes).T[:, :, None]
    across = np.minimum(right, right.T) - np.maximum(left, left.T)
    down = np.minimum(bottom, bottom.T) - np.maximum(top, top.T)
    pairs = np.argwhere(np.triu((across > 2) & (down > 4), 1))
    return [(names[i], names[j]) for i, j in pairs]


def test_tables_of_compare(browser: Page, tmp_path: Path) -> None:
    table = "# Tones\n\n| tone | F1 |\n|---|---|\n| <b>H*</b> | 0.5 |\n\n![codes](c.png)\n"
    (tmp_path / "compare.md").write_text(table)
    (tmp_path / "c.png").write_bytes(PIXEL)
    out = tmp_path / "r.html"
    assert call("report", SAMPLE, "--compare", tmp_path, "--out", out) == 0
    browser.open(out)
    assert browser.text("#compare td") == "<b>H*</b>"
    visible = "const r = document.querySelector('#compare h2').getBoundingClientRect();"
    visible += "return r.top >= 0 && r.bottom <= innerHeight"
    assert not browser.run(visible)
    browser.one("header a").click()
    browser.wait(lambda: browser.run(visible))
    assert browser.run("return document.querySelector('#compare img').naturalWidth") == 1
    assert not browser.one("#utterances").is_displayed()  # only one utterance
    assert browser.driver.get_log("browser") == []


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.shared_data
def test_hand_annotations_are_visible(browser: Page, shared_data: Path, tmp_path: Path) -> None:
    sounds = [
        shared_data / "tobi" / name for name in ("todi/todi_3B-5.flac", "emur_ae/msajc003.flac")
    ]
    manifest, out = shared_data / "tobi" / "tobi.jsonl", tmp_path / "r.html"
    assert call("report", *sounds, "--segments", manifest, "--out", out) == 0
    browser.open(out)
    assert browser.texts('[data-row="accents"] text') == ["H*L", "H*", "H*L"]
    assert browser.texts('[data-row="boundaries"] text') == ["%L", "H%", "%L", "L%"]
    browser.choose("msajc003")
    assert {"H*", "L-", "L%"} == set(browser.texts('[data-row="Tone"] text'))
    for width in (360, 1280):
        browser.open(out, width)
        browser.choose("msajc003")
        assert overlapping(browser) == []
        assert browser.run(CUT) == []
    assert browser.driver.get_log("browser") == []
