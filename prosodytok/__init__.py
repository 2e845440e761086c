"""prosodytok: speech to phrase, word and frame tokens of prosody, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.io.sound import load
    from prosodytok.io.token_files import read_tokens, write_tokens
    from prosodytok.segmentation import segment
    from prosodytok.tokenizer import ProsodyTokenizer, StreamingTokenizer
    from prosodytok.types.audio import Audio
    from prosodytok.types.errors import ProsodytokError
    from prosodytok.types.prosody import Prosody
    from prosodytok.types.register import Register
    from prosodytok.types.segmentation import Hierarchy, Segmentation
    from prosodytok.types.tokens import ProsodyTokens

__version__ = "0.1.0"

#: The module of each public name, imported when the name is first used: `--help` needs no torch.
_HOMES = {
    "Audio": "prosodytok.types.audio",
    "Hierarchy": "prosodytok.types.segmentation",
    "Prosody": "prosodytok.types.prosody",
    "ProsodyTokenizer": "prosodytok.tokenizer",
    "ProsodyTokens": "prosodytok.types.tokens",
    "ProsodytokError": "prosodytok.types.errors",
    "Register": "prosodytok.types.register",
    "Segmentation": "prosodytok.types.segmentation",
    "StreamingTokenizer": "prosodytok.tokenizer",
    "load": "prosodytok.io.sound",
    "read_tokens": "prosodytok.io.token_files",
    "segment": "prosodytok.segmentation",
    "write_tokens": "prosodytok.io.token_files",
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
