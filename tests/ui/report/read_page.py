"""Contents of a page, parsed as in a browser."""

import base64
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray


class Elements(HTMLParser):
    """List of elements with their attributes, and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.current = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        self.current = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - signature of HTMLParser
        self.current = ""

    def handle_data(self, data: str) -> None:
        if self.current in ("script", "style"):
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


def parse(html: str) -> list[tuple[str, dict[str, str | None], str]]:
    parser = Elements()
    parser.feed(html)
    return parser.found


def elements_of(path: Path) -> list[tuple[str, dict[str, str | None], str]]:
    return parse(path.read_text(encoding="utf-8"))


def data_of(path: Path) -> dict[str, Any]:
    """JSON data of the page by the id of its script element."""
    return {
        str(attributes["id"]): json.loads(text)
        for tag, attributes, text in elements_of(path)
        if tag == "script" and attributes.get("type") == "application/json"
    }


def samples_of(sound: dict[str, str]) -> NDArray[np.float64]:
    samples, rate = sf.read(io.BytesIO(base64.b64decode(sound["data"])))
    assert rate == 16_000
    return samples
