"""Contents of the HTML of the page, parsed as in a browser."""

import base64
import io
from html.parser import HTMLParser

import soundfile as sf

from prosodytok.types.audio import Audio


class Buttons(HTMLParser):
    """List of the attributes of buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "button":
            self.found.append({name: value or "" for name, value in attrs})


def buttons_of(html: str) -> list[dict[str, str]]:
    parser = Buttons()
    parser.feed(html)
    return parser.found


def content_of(address: str) -> bytes:
    """Bytes of a ``data:`` URI."""
    return base64.b64decode(address.partition(";base64,")[2])


def audio_of(address: str) -> Audio:
    return Audio(*sf.read(io.BytesIO(content_of(address))))
