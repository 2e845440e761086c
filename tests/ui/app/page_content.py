"""Contents of the HTML of the page, parsed as in a browser."""

import base64
import io

import soundfile as sf

from prosodytok.types.audio import Audio
from tests.ui.report.read_page import parse


def buttons_of(html: str) -> list[dict[str, str]]:
    """Attributes of the buttons."""
    buttons = [attributes for tag, attributes, _ in parse(html) if tag == "button"]
    return [{name: value or "" for name, value in each.items()} for each in buttons]


def content_of(address: str) -> bytes:
    """Bytes of a ``data:`` URI."""
    return base64.b64decode(address.partition(";base64,")[2])


def audio_of(address: str) -> Audio:
    return Audio(*sf.read(io.BytesIO(content_of(address))))
