"""Headless Chromium, and actions of the tests on the page."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="make test installs selenium")

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
#: Records the sounds that actually play.
RECORD_PLAYED = """
window.played = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, offset) {
  played.push({ samples: [...this.buffer.getChannelData(0)], offset });
  return start.call(this, when, offset);
};
"""


class Page:
    """An open page."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, path: Path, width: int = 1280, height: int = 1000, dark: bool = False) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get("about:blank")
        self.driver.get(path.as_uri())

    def run(self, script: str, *args: object) -> Any:
        return self.driver.execute_script(script, *args)

    def one(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        return self.one(css).text

    def texts(self, css: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
        return self.run(script, css)  # in one call, since elements may be redrawn meanwhile

    def choose(self, name: str) -> None:
        """Click an utterance in the list."""
        (button,) = (b for b in self.all("#list button") if b.text.startswith(name))
        button.click()

    def label(self, group: str, name: str) -> WebElement:
        """Label of a checkbox or radio button of a group."""
        (label,) = (x for x in self.all(f"#{group} label") if x.text == name)
        return label

    def point(self, share: float, row: str = "F0") -> tuple[WebElement, int, int]:
        """Point in a row at a share of the visible range, as an offset from the chart's centre."""
        x, y, width, height = self.run(
            "const row = view.rows.find((row) => row.caption[0] === arguments[1]);"
            "return [view.left + arguments[0] * (view.right - view.left), row.top + row.height / 2,"
            " view.width, view.height]",
            share,
            row,
        )
        return self.one("#chart"), round(x - width / 2), round(y - height / 2)

    def hover(self, share: float, row: str) -> str:
        """Move the pointer to a point; return the text of the tip."""
        self.actions.move_to_element_with_offset(*self.point(share, row)).perform()
        return self.text("#tip")

    def click(self, share: float, row: str = "F0") -> None:
        self.actions.move_to_element_with_offset(*self.point(share, row)).click().perform()

    def drag(self, start: float, end: float) -> None:
        chart, x, y = self.point(start)
        _, to, _ = self.point(end)
        actions = self.actions.move_to_element_with_offset(chart, x, y).click_and_hold()
        actions.move_by_offset(to - x, 0).release().perform()

    def press(self, keys: str) -> None:
        self.actions.send_keys(keys).perform()

    @property
    def actions(self) -> ActionChains:
        return ActionChains(self.driver, duration=20)

    @property
    def time(self) -> float:
        """Position of the cursor (s), from the clock."""
        return float(self.text("#clock").split(" / ")[0])

    @property
    def visible_range(self) -> tuple[float, float]:
        """Visible range (s)."""
        start, end = self.run("return [view.start, view.end]")
        return start, end

    @property
    def playing(self) -> str:
        """Name of the sound that plays, or an empty string."""
        return self.run("return document.body.dataset.playing || ''")

    def wait(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait until a condition is true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "timeout"
            time.sleep(0.02)


@contextmanager
def open_browser(*flags: str) -> Iterator[Page]:
    """Start Chromium with an empty profile; skip the test without Chromium."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("no chromium with chromedriver; make test installs them on Debian")
    options = ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = Chrome(options=options, service=Service(chromedriver))
        try:
            driver.execute_cdp_cmd(
                "Page.addScriptToEvaluateOnNewDocument", {"source": RECORD_PLAYED}
            )
            yield Page(driver)
        finally:
            driver.quit()
