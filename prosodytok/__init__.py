"""prosodytok: speech to phrase, word and frame tokens of prosody, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.audio import Audio, load
    from prosodytok.errors import ProsodytokError
    from prosodytok.features.normalize import Register
    from prosodytok.model import ProsodyTokenizer, StreamingTokenizer
    from prosodytok.prosody import Prosody
    from prosodytok.segmentation import Hierarchy, Segmentation, segment
    from prosodytok.tokens import ProsodyTokens, read_tokens, write_tokens

__version__ = "0.1.0"

#: Where each public name lives; imported when first asked for, so that `--help` needs no torch.
_HOMES = {
    "Audio": "prosodytok.audio",
    "load": "prosodytok.audio",
    "Hierarchy": "prosodytok.segmentation",
    "Prosody": "prosodytok.prosody",
    "ProsodyTokenizer": "prosodytok.model",
    "ProsodyTokens": "prosodytok.tokens",
    "ProsodytokError": "prosodytok.errors",
    "Register": "prosodytok.features.normalize",
    "Segmentation": "prosodytok.segmentation",
    "StreamingTokenizer": "prosodytok.model",
    "read_tokens": "prosodytok.tokens",
    "segment": "prosodytok.segmentation",
    "write_tokens": "prosodytok.tokens",
}

__all__ = [
    "Audio",
    "Hierarchy",
    "Prosody",
    "ProsodyTokenizer",
    "ProsodyTokens",
    "ProsodytokError",
    "Register",
    "Segmentation",
    "StreamingTokenizer",
    "load",
    "read_tokens",
    "segment",
    "write_tokens",
]


__getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
