"""The page in a browser, without edits: playback, clicks and labels."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prosodytok.types.tokens import LEVELS
from tests.ui.app.conftest import HOSTILE
from tests.ui.app.page_driver import AppPage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(page: AppPage, sounds: Path) -> Iterator[AppPage]:
    """Page with the tokens of two words."""
    page.open()
    page.make(sounds)
    yield page
    page.check_quiet()


@pytest.mark.parametrize(("name", "share"), [("original", 0.5), ("spoken", 0.25)])
def test_cursor_follows_playback(made: AppPage, name: str, share: float) -> None:
    audio = made.browser.one(f"#{name} audio")
    made.wait(lambda: made.browser.run("return arguments[0].readyState >= 1", audio))
    assert made.browser.run("return arguments[0].duration", audio) == pytest.approx(2.1, abs=0.01)
    made.browser.run("arguments[0].play()", audio)
    made.wait(lambda: made.browser.run("return arguments[0].currentTime > 0.3", audio))
    made.browser.run(
        "arguments[0].pause(); arguments[0].currentTime = arguments[1]", audio, 2.1 * share
    )
    first, last = made.tokens("frame")[0].rect, made.tokens("frame")[-1].rect
    x = first["x"] + share * (last["x"] + last["width"] - first["x"])
    made.wait(lambda: abs(made.browser.one(".cursor").rect["x"] - x) < 2)


def test_every_token_is_clickable(made: AppPage) -> None:
    script = """
    return [...document.querySelectorAll(".token")].filter((token) => {
      const box = token.getBoundingClientRect();
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return hit !== token || box.width < 6;
    }).length"""
    made.browser.run("document.querySelector('#figure').scrollIntoView({block: 'center'})")
    assert made.browser.run(script) == 0
    assert [len(made.tokens(level)) for level in LEVELS] == [1, 4, 27]


def test_arrow_keys_move_between_tokens(made: AppPage) -> None:
    made.select("frame", 3)
    made.browser.press("\ue014")  # to the right
    made.browser.press("\ue006")  # enter
    made.wait(lambda: made.browser.text("#selected").startswith("frame 5 "))
    made.browser.press("\ue012\ue012")  # to the left
    made.browser.press("\ue006")
    made.wait(lambda: made.browser.text("#selected").startswith("frame 3 "))


def test_labels_are_text(made: AppPage) -> None:
    made.select("word", 1)
    assert HOSTILE in made.browser.text("#selected")
    assert HOSTILE in made.tokens("word")[1].get_attribute("title")
    assert made.browser.all("#harm") == []
