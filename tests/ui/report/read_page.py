"""What a page holds, read as a browser would."""

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
    """Lists elements with their attributes, and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        self.within = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the signature of HTMLParser
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in ("script", "style"):
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


def elements_of(path: Path) -> list[tuple[str, dict[str, str | None], str]]:
    parser = Elements()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.found


def data_of(path: Path) -> dict[str, Any]:
    """The JSON of the page by the ids of its scripts."""
    return {
        str(attributes["id"]): json.loads(text)
        for tag, attributes, text in elements_of(path)
        if tag == "script" and attributes.get("type") == "application/json"
    }


def samples_of(sound: dict[str, str]) -> NDArray[np.float64]:
    samples, rate = sf.read(io.BytesIO(base64.b64decode(sound["data"])))
    assert rate == 16_000
    return samples
