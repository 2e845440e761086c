"""The page in a browser: display, edits, playback, downloads and errors."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from prosodytok.features import measure_energy
from prosodytok.io import read_textgrid, read_tokens
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.samples import sample_manifest
from prosodytok.types.tokens import ProsodyTokens
from tests.command import call
from tests.ui.app.page_content import audio_of
from tests.ui.app.page_driver import AppPage

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(page: AppPage) -> Iterator[AppPage]:
    """The newly opened page; it must log no errors and send no external requests."""
    page.open()
    yield page
    page.check_quiet()


@pytest.fixture
def made(opened: AppPage, sounds: Path) -> AppPage:
    opened.make(sounds)
    return opened


def downloaded(page: AppPage, folder: Path) -> ProsodyTokens:
    folder.mkdir()
    (tokens,) = read_tokens(page.download("tokens.jsonl", folder))
    return tokens


def other(codes: list[int], sizes: tuple[int, ...]) -> list[int]:
    return [(code + 1) % size for code, size in zip(codes, sizes, strict=True)]


def test_example(opened: AppPage) -> None:
    opened.choose_example(0)
    opened.submit()
    picture = opened.browser.one("#figure img")
    assert picture.is_displayed()
    assert picture.size["width"] > 800
    assert opened.browser.run("return arguments[0].naturalWidth", picture) > 0
    assert opened.visible("#welcome") == []
    assert opened.browser.text("#summary").startswith("austen-0870 · 7.10 s · ")
    sample = load(sample_manifest().parent / "austen-0870.flac")
    original, resynthesis = (audio_of(opened.sound(name)) for name in ("original", "spoken"))
    np.testing.assert_allclose(original.samples, sample.samples, atol=1e-4)
    assert original.samples.size == resynthesis.samples.size
    energies = [measure_energy(sound) for sound in (original, resynthesis)]
    assert np.corrcoef(energies)[0, 1] > 0.9


def test_swaps_change_figure_sound_and_downloads(made: AppPage, tmp_path: Path) -> None:
    before = downloaded(made, tmp_path / "before")
    figure, original, resynthesis = made.figure, made.sound("original"), made.sound("spoken")
    made.select("word", 2)
    codes, sizes = made.codes(), before["word"].codebook_sizes
    assert codes == before["word"].codes[:, 2].tolist()
    assert "“löyly” of 4 · 1.00 to 1.80 s (800 ms)" in made.browser.text("#selected")
    pressed = made.browser.one('.token[aria-pressed="true"]')
    assert pressed == made.tokens("word")[2]
    made.swap("word", 2, other(codes, sizes))

    (changed,) = made.browser.all(".token.changed")
    assert changed == made.tokens("word")[2]
    assert changed.get_attribute("aria-pressed") == "true"
    assert made.sound("original") == original
    assert made.sound("spoken") != resynthesis
    assert "1 token is changed" in made.browser.text("#changed")
    after = downloaded(made, tmp_path / "after")
    assert after["word"].codes[:, 2].tolist() == other(codes, sizes)
    assert after["word"].codes[:, 1].tolist() == before["word"].codes[:, 1].tolist()
    file = tmp_path / "after" / "tokens.jsonl"
    assert call("decode", file, "--out", tmp_path / "npz") == 0
    assert (tmp_path / "npz" / "good.npz").is_file()
    grid = made.download("good.TextGrid", tmp_path)
    (words,) = (tier for tier in read_textgrid(grid) if tier.name == "word")
    assert words.entries[2].label == " ".join(map(str, other(codes, sizes)))

    made.change(made.press, "undo")
    assert made.figure == figure
    assert made.sound("spoken") == resynthesis
    assert made.browser.all(".token.changed") == []
    assert not made.browser.one("#undo").is_enabled()

    last = {name: before[name].codebook_sizes[0] - 1 for name in ("phrase", "frame")}
    made.swap("phrase", 0, [last["phrase"]])
    made.swap("frame", 26, [last["frame"]])
    assert "2 tokens are changed" in made.browser.text("#changed")
    tokens = downloaded(made, tmp_path / "both")
    assert tokens["phrase"].codes[:, 0].tolist() == [last["phrase"]]
    assert tokens["frame"].codes[:, 26].tolist() == [last["frame"]]
    made.change(made.press, "reset")
    assert made.figure == figure
    assert made.browser.all(".token.changed") == []


def test_levels_select_contents_and_downloads(made: AppPage, tmp_path: Path) -> None:
    resynthesis = made.sound("spoken")
    made.change(made.toggle_level, "frame")
    assert made.tokens("frame") == []
    assert len(made.tokens("word")) == 4
    assert made.sound("spoken") != resynthesis
    assert downloaded(made, tmp_path / "fewer").names == ("phrase", "word")
    made.change(made.toggle_level, "phrase")
    made.toggle_level("word")
    made.wait(lambda: "no level" in made.message)
    assert len(made.tokens("word")) == 4


def test_transcript(opened: AppPage) -> None:
    pytest.importorskip("pocketsphinx", reason="make test installs pocketsphinx")
    opened.choose_example(1)
    opened.choose_units("transcript")
    opened.wait(lambda: opened.visible("#text textarea"))
    text = read_manifest(sample_manifest())[1].text
    assert opened.browser.one("#text textarea").get_attribute("value") == text
    opened.submit()
    titles = " ".join(str(x.get_attribute("title")) for x in opened.tokens("word"))
    assert text
    assert all(f"“{word}”" in titles for word in text.split())


def test_recording(opened: AppPage, tmp_path: Path) -> None:
    opened.record(2)
    opened.submit()
    tokens = downloaded(opened, tmp_path / "recorded")
    assert 2.0 < tokens.duration < 5.0
    # Median F0 of the recording that replaces the microphone.
    assert tokens.register.f0_median_hz == pytest.approx(100, rel=0.15)


def test_live_tokens(opened: AppPage) -> None:
    opened.listen(4)
    counts = re.search(r"(\d+) phrase, (\d+) word, (\d+) frame tokens", opened.live)
    assert counts
    phrases, words, frames = map(int, counts.groups())
    assert phrases >= 1
    assert words >= 3
    assert frames >= 25
    assert len(opened.browser.all("#live-tokens svg circle")) > 50
    median = re.search(r"median F0 (\d+) Hz", opened.live)
    assert median
    assert int(median[1]) == pytest.approx(100, rel=0.3)


def test_sessions_are_separate(made: AppPage) -> None:
    made.swap("word", 1, [0, 0])
    driver = made.browser.driver
    first_tab = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        made.open()
        assert made.visible("#work") == []
        made.choose_example(1)
        made.submit()
        assert made.browser.all(".token.changed") == []
    finally:
        driver.close()
        driver.switch_to.window(first_tab)
    made.swap("word", 2, [0, 0])
    assert "2 tokens are changed" in made.browser.text("#changed")
    assert made.browser.text("#summary").startswith("good · ")


def test_only_the_figure_scrolls_on_narrow_screens(opened: AppPage) -> None:
    opened.choose_example(0)
    opened.submit()
    opened.select("word", 1)
    for width in (800, 400):
        opened.resize(width)
        assert opened.browser.run("return document.documentElement.scrollWidth <= innerWidth")
        for name in ("#submit", "#swap", "#undo", "#reset", "#original audio", "#spoken audio"):
            box = opened.browser.one(name).rect
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["width"] > (250 if "audio" in name else 50)
        assert opened.tokens("frame")[0].rect["width"] > 5


def test_invalid_sounds_give_messages(page: AppPage, sounds: Path) -> None:
    page.open()
    page.press("submit")
    page.wait(lambda: page.message.startswith("there is no sound yet"))
    for name, reason in {
        "text.wav": "text.wav: not a sound file",
        "silent.wav": "silent.wav: no voiced frame",
        "long.wav": "long.wav: lasts 31 s, but the limit is 30 s",
    }.items():
        page.upload(sounds / name)
        page.press("submit")
        page.wait(lambda reason=reason: page.message.startswith(reason))
        assert page.visible("#work") == []
        page.clear()
    page.choose_example(1)
    page.submit()
    assert page.message == ""
    assert page.visible("#figure img")


def test_textgrid_of_another_sound_changes_nothing(made: AppPage) -> None:
    figure = made.figure
    made.choose_example(1)
    made.press("submit")
    made.wait(lambda: "not of the same recording" in made.message)
    assert made.message.startswith("good.TextGrid: ")
    assert made.figure == figure
    made.browser.one("#message button").click()
    made.wait(lambda: made.message == "")
