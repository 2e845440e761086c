"""The tokenizer: a frontend from sound to units, and a backend that runs the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.tokenizer.backend import DEFAULT, Backend
    from prosodytok.tokenizer.frontend import Frontend, make_frontend
    from prosodytok.tokenizer.onnx_graphs import is_export
    from prosodytok.tokenizer.pretrained import load_checkpoint, save_checkpoint
    from prosodytok.tokenizer.streaming import StreamingTokenizer
    from prosodytok.tokenizer.streaming_encoder import FrameToken, PhraseToken, WordToken
    from prosodytok.tokenizer.tokenizer import ProsodyTokenizer, Tokenizer, TokenizerOutput
    from prosodytok.tokenizer.utterance import (
        TokenizedUtterance,
        prepare_utterance,
        tokenize_utterance,
    )

#: The module of each name, imported when the name is first used.
_HOMES = {
    "DEFAULT": ".backend",
    "Backend": ".backend",
    "FrameToken": ".streaming_encoder",
    "Frontend": ".frontend",
    "PhraseToken": ".streaming_encoder",
    "ProsodyTokenizer": ".tokenizer",
    "StreamingTokenizer": ".streaming",
    "TokenizedUtterance": ".utterance",
    "Tokenizer": ".tokenizer",
    "TokenizerOutput": ".tokenizer",
    "WordToken": ".streaming_encoder",
    "is_export": ".onnx_graphs",
    "load_checkpoint": ".pretrained",
    "make_frontend": ".frontend",
    "prepare_utterance": ".utterance",
    "save_checkpoint": ".pretrained",
    "tokenize_utterance": ".utterance",
}

__all__ = [
    "DEFAULT",
    "Backend",
    "FrameToken",
    "Frontend",
    "PhraseToken",
    "ProsodyTokenizer",
    "StreamingTokenizer",
    "TokenizedUtterance",
    "Tokenizer",
    "TokenizerOutput",
    "WordToken",
    "is_export",
    "load_checkpoint",
    "make_frontend",
    "prepare_utterance",
    "save_checkpoint",
    "tokenize_utterance",
]

__getattr__ = lazily(__name__, _HOMES)
