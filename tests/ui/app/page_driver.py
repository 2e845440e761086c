"""Actions of the tests on the page of `prosodytok app` in Chromium."""

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
        self.log_length = 0

    def open(self) -> None:
        self.resize(1280)
        self.browser.driver.get(self.server.address)
        self.wait(lambda: len(self.browser.all("#examples button")) == 3)
        # Earlier log entries belong to other tests.
        self.browser.driver.get_log("browser")
        self.log_length = len(self.server.errors.read_text())

    def make(self, sounds: Path) -> None:
        """Make tokens of the sound of two words with its TextGrid."""
        self.upload(sounds / "good.wav")
        self.choose_units("TextGrid")
        self.wait(lambda: self.visible("#textgrid"))
        self.upload(sounds / "good.TextGrid", "textgrid")
        self.submit()

    def check_quiet(self) -> None:
        """Assert that there were no errors since the page was opened and no external requests."""
        script = "return performance.getEntriesByType('resource').map((e) => e.name)"
        fetched = self.browser.run(script)
        assert fetched
        own = (self.server.address, "data:", "blob:")
        assert [name for name in fetched if not name.startswith(own)] == []
        log = self.browser.driver.get_log("browser")
        assert [entry for entry in log if entry["level"] == "SEVERE"] == []
        assert self.server.errors.read_text()[self.log_length :] == ""

    def resize(self, width: int) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def wait(self, condition: Any) -> None:
        self.browser.wait(condition, SECONDS)

    def visible(self, css: str) -> list[WebElement]:
        return [element for element in self.browser.all(css) if element.is_displayed()]

    def choose_example(self, number: int) -> None:
        self.browser.all("#examples button")[number].click()
        self.wait(lambda: self.visible("#sound #waveform"))

    def upload(self, path: Path, where: str = "sound") -> None:
        """Upload a file; its input element disappears afterwards."""
        field = self.browser.one(f"#{where} input[type=file]")
        field.send_keys(str(path))
        self.wait(lambda: not self.browser.all(f"#{where} input[type=file]"))

    def record(self, seconds: int) -> None:
        """Record the microphone."""
        self.wait(lambda: self.visible('#sound [aria-label="Record audio"]'))
        self.browser.one('#sound [aria-label="Record audio"]').click()
        self.wait(lambda: self.visible("#sound .record-button"))
        self.browser.one("#sound .record-button").click()
        self.wait(lambda: self.visible("#sound .stop-button"))
        self.wait(lambda: f":0{seconds}" in self.browser.text("#sound"))
        self.browser.one("#sound .stop-button").click()
        self.wait(lambda: self.visible("#sound #waveform"))

    @property
    def live(self) -> str:
        """Text of the live tokens."""
        return self.browser.text("#live-tokens")

    def listen(self, seconds: int) -> None:
        """Stream the microphone until the given number of seconds is measured, and stop."""
        self.wait(lambda: self.visible("#live button"))
        self.browser.one("#live button").click()
        self.wait(lambda: self.visible("#microphone .record-button"))
        # Gradio shows the button before its recorder is loaded.
        script = "return performance.getEntriesByType('resource').map((e) => e.name)"
        self.wait(lambda: sum("/module-" in name for name in self.browser.run(script)) > 1)
        time.sleep(1)
        self.browser.one("#microphone .record-button").click()
        self.wait(lambda: float((re.match(r"[\d.]+", self.live) or "0")[0]) >= seconds)
        assert "tokens" in self.live  # while it streams
        self.browser.one("#microphone .stop-button").click()
        self.wait(lambda: "0 phrase" not in self.live)

    def clear(self) -> None:
        """Remove the sound."""
        self.browser.one('#sound [aria-label="Clear"]').click()
        self.wait(lambda: self.browser.all("#sound input[type=file]"))

    def choose_units(self, name: str) -> None:
        (label,) = (x for x in self.browser.all("#units label") if x.text == name)
        label.click()

    def toggle_level(self, name: str) -> None:
        (label,) = (x for x in self.browser.all("#levels label") if x.text == name)
        label.click()

    def submit(self) -> None:
        """Press the submit button and wait for another figure."""
        self.change(self.press, "submit")

    def press(self, name: str) -> None:
        self.wait(lambda: self.browser.one(f"#{name}").is_enabled())
        self.browser.one(f"#{name}").click()

    def change(self, act: Any, *args: object) -> None:
        """Perform an action and wait until the figure changes."""
        before = self.figure
        act(*args)
        self.wait(lambda: self.figure and self.figure != before)

    @property
    def figure(self) -> str:
        """Image and buttons of the figure."""
        html: str = self.browser.run(
            "const figure = document.querySelector('#figure .figure');"
            "return figure ? figure.querySelector('img').src + figure.textContent +"
            " figure.querySelectorAll('.token').length : ''"
        )
        return html

    def tokens(self, level: str) -> list[WebElement]:
        return self.browser.all(f'.token[data-level="{level}"]')

    def select(self, level: str, unit: int) -> None:
        """Click a token in the figure."""
        button = self.tokens(level)[unit]
        self.browser.actions.move_to_element(button).click().perform()
        self.wait(lambda: self.browser.text("#selected").startswith(f"{level} {unit + 1} "))
        self.wait(self.codes)

    def codes(self) -> list[int]:
        """Values of the visible sliders."""
        return [int(x.get_attribute("value")) for x in self.visible('#work input[type="number"]')]

    def set_codes(self, codes: Sequence[int]) -> None:
        fields = self.visible('#work input[type="number"]')
        for field, code in zip(fields, codes, strict=True):
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(str(code), Keys.TAB)
        self.wait(lambda: self.codes() == list(codes))

    def swap(self, level: str, unit: int, codes: Sequence[int]) -> None:
        """Change the codes of a token by mouse and keyboard."""
        self.select(level, unit)
        self.set_codes(codes)
        self.change(self.press, "swap")

    def sound(self, name: str) -> str:
        """Data URI of a sound."""
        address: str = self.browser.one(f"#{name} audio").get_attribute("src")
        return address

    def download(self, name: str, folder: Path) -> Path:
        """Click a download link and return the downloaded file."""
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
        """Error message of the page."""
        messages = self.browser.all("#message [role=alert] span")
        return messages[0].text if messages else ""
