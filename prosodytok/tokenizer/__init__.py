"""The tokenizer: a frontend from sound to units, and a backend that runs the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.tokenizer.onnx_graphs import is_export
    from prosodytok.tokenizer.onnx_tokenizer import OnnxTokenizer
    from prosodytok.tokenizer.pretrained import DEFAULT, load_checkpoint, save_checkpoint
    from prosodytok.tokenizer.prosody_tokenizer import ProsodyTokenizer, TokenizerOutput
    from prosodytok.tokenizer.streaming import StreamingTokenizer
    from prosodytok.tokenizer.streaming_encoder import FrameToken, PhraseToken, WordToken
    from prosodytok.tokenizer.tokenizer import Tokenizer

#: The module of each name, imported when the name is first used: ONNX needs no torch.
_HOMES = {
    "DEFAULT": ".pretrained",
    "FrameToken": ".streaming_encoder",
    "OnnxTokenizer": ".onnx_tokenizer",
    "PhraseToken": ".streaming_encoder",
    "ProsodyTokenizer": ".prosody_tokenizer",
    "StreamingTokenizer": ".streaming",
    "Tokenizer": ".tokenizer",
    "TokenizerOutput": ".prosody_tokenizer",
    "WordToken": ".streaming_encoder",
    "is_export": ".onnx_graphs",
    "load_checkpoint": ".pretrained",
    "save_checkpoint": ".pretrained",
}

__all__ = [
    "DEFAULT",
    "FrameToken",
    "OnnxTokenizer",
    "PhraseToken",
    "ProsodyTokenizer",
    "StreamingTokenizer",
    "Tokenizer",
    "TokenizerOutput",
    "WordToken",
    "is_export",
    "load_checkpoint",
    "save_checkpoint",
]

__getattr__ = lazily(__name__, _HOMES)
