"""What the tests do with the page of `prosodytok app` in Chromium."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.ui.report.browser import Page

pytest.importorskip("selenium", reason="make test installs selenium")

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.ui.app.page_content import content_of
from tests.ui.app.server import Server

SECONDS = 30.0


class AppPage:
    """An open page of the app."""

    def __init__(self, browser: Page, server: Server) -> None:
        self.browser, self.server = browser, server
        self.said = 0

    def open(self) -> None:
        self.resize(1280)
        self.browser.driver.get(self.server.address)
        self.wait(lambda: len(self.browser.all("#examples button")) == 3)
        # What was complained of before is another test's.
        self.browser.driver.get_log("browser")
        self.said = len(self.server.errors.read_text())

    def make(self, sounds: Path) -> None:
        """Make tokens of the sound of two words, by its TextGrid."""
        self.upload(sounds / "good.wav")
        self.choose_units("TextGrid")
        self.wait(lambda: self.seen("#textgrid"))
        self.upload(sounds / "good.TextGrid", "textgrid")
        self.submit()

    def check_quiet(self) -> None:
        """Nothing may have gone wrong since it was opened; it must fetch from itself alone."""
        script = "return performance.getEntriesByType('resource').map((e) => e.name)"
        fetched = self.browser.run(script)
        assert fetched
        ours = (self.server.address, "data:", "blob:")
        assert [name for name in fetched if not name.startswith(ours)] == []
        log = self.browser.driver.get_log("browser")
        assert [entry for entry in log if entry["level"] == "SEVERE"] == []
        assert self.server.errors.read_text()[self.said :] == ""

    def resize(self, width: int) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def wait(self, condition: Any) -> None:
        self.browser.wait(condition, SECONDS)

    def seen(self, css: str) -> list[WebElement]:
        return [element for element in self.browser.all(css) if element.is_displayed()]

    def choose_example(self, number: int) -> None:
        self.browser.all("#examples button")[number].click()
        self.wait(lambda: self.seen("#sound #waveform"))

    def upload(self, path: Path, where: str = "sound") -> None:
        """Upload a file; the field is gone when it is there."""
        field = self.browser.one(f"#{where} input[type=file]")
        field.send_keys(str(path))
        self.wait(lambda: not self.browser.all(f"#{where} input[type=file]"))

    def record(self, seconds: int) -> None:
        """Record what is spoken into the microphone."""
        self.wait(lambda: self.seen('#sound [aria-label="Record audio"]'))
        self.browser.one('#sound [aria-label="Record audio"]').click()
        self.wait(lambda: self.seen("#sound .record-button"))
        self.browser.one("#sound .record-button").click()
        self.wait(lambda: self.seen("#sound .stop-button"))
        self.wait(lambda: f":0{seconds}" in self.browser.text("#sound"))
        self.browser.one("#sound .stop-button").click()
        self.wait(lambda: self.seen("#sound #waveform"))

    @property
    def live(self) -> str:
        """What the page says of the tokens that come live."""
        return self.browser.text("#live-tokens")

    def listen(self, seconds: int) -> None:
        """Let the page listen to the microphone until it has measured so many seconds, and stop."""
        self.wait(lambda: self.seen("#live button"))
        self.browser.one("#live button").click()
        self.wait(lambda: self.seen("#microphone .record-button"))
        # Gradio shows the button before it has what it records with, which only a test notices.
        script = "return performance.getEntriesByType('resource').map((e) => e.name)"
        self.wait(lambda: sum("/module-" in name for name in self.browser.run(script)) > 1)
        time.sleep(1)
        self.browser.one("#microphone .record-button").click()
        self.wait(lambda: float((re.match(r"[\d.]+", self.live) or "0")[0]) >= seconds)
        assert "tokens" in self.live  # before it stops
        self.browser.one("#microphone .stop-button").click()
        self.wait(lambda: "0 phrase" not in self.live)

    def clear(self) -> None:
        """Take the sound away."""
        self.browser.one('#sound [aria-label="Clear"]').click()
        self.wait(lambda: self.browser.all("#sound input[type=file]"))

    def choose_units(self, name: str) -> None:
        (label,) = (x for x in self.browser.all("#units label") if x.text == name)
        label.click()

    def toggle_level(self, name: str) -> None:
        (label,) = (x for x in self.browser.all("#levels label") if x.text == name)
        label.click()

    def submit(self) -> None:
        """Press the button, and wait until there is another figure."""
        self.change(self.press, "submit")

    def press(self, name: str) -> None:
        self.wait(lambda: self.browser.one(f"#{name}").is_enabled())
        self.browser.one(f"#{name}").click()

    def change(self, act: Any, *args: object) -> None:
        """Do something, and wait until it changes the figure."""
        before = self.figure
        act(*args)
        self.wait(lambda: self.figure and self.figure != before)

    @property
    def figure(self) -> str:
        """All that the figure is: its picture and its buttons."""
        html: str = self.browser.run(
            "const figure = document.querySelector('#figure .figure');"
            "return figure ? figure.querySelector('img').src + figure.textContent +"
            " figure.querySelectorAll('.token').length : ''"
        )
        return html

    def tokens(self, level: str) -> list[WebElement]:
        return self.browser.all(f'.token[data-level="{level}"]')

    def select(self, level: str, unit: int) -> None:
        """Click a token where it is seen."""
        button = self.tokens(level)[unit]
        self.browser.actions.move_to_element(button).click().perform()
        self.wait(lambda: self.browser.text("#selected").startswith(f"{level} {unit + 1} "))
        self.wait(self.codes)

    def codes(self) -> list[int]:
        """What the sliders that are seen say."""
        return [int(x.get_attribute("value")) for x in self.seen('#work input[type="number"]')]

    def set_codes(self, codes: Sequence[int]) -> None:
        fields = self.seen('#work input[type="number"]')
        for field, code in zip(fields, codes, strict=True):
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(str(code), Keys.TAB)
        self.wait(lambda: self.codes() == list(codes))

    def swap(self, level: str, unit: int, codes: Sequence[int]) -> None:
        """Give a token other codes, as a person does."""
        self.select(level, unit)
        self.set_codes(codes)
        self.change(self.press, "swap")

    def sound(self, name: str) -> str:
        """The address of a sound, which holds it all."""
        address: str = self.browser.one(f"#{name} audio").get_attribute("src")
        return address

    def download(self, name: str, folder: Path) -> Path:
        """Click a download, and give the file that came."""
        self.browser.driver.execute_cdp_cmd(
            "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )
        link = self.browser.one(f'#downloads a[download="{name}"]')
        size = len(content_of(link.get_attribute("href")))
        file = folder / name
        link.click()
        self.wait(lambda: file.is_file() and file.stat().st_size == size)
        return file

    @property
    def message(self) -> str:
        """What the page says that went wrong."""
        found = self.browser.all("#message [role=alert] span")
        return found[0].text if found else ""
