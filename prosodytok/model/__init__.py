"""The tokenizer: a hierarchical VQ autoencoder, and its checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.model.batch import Batch, Layout
    from prosodytok.model.config import LevelConfig, ModelConfig
    from prosodytok.model.example import Example
    from prosodytok.model.network import ProsodyNetwork
    from prosodytok.model.pretrained import DEFAULT, load_checkpoint, save_checkpoint
    from prosodytok.model.prosody_tokenizer import ProsodyTokenizer, TokenizerOutput
    from prosodytok.model.stream_coder import FrameToken, PhraseToken, WordToken
    from prosodytok.model.streaming import StreamingTokenizer
    from prosodytok.model.tokenizer import Tokenizer

#: Where each name lives; imported when first asked for, so that what is without torch stays so.
_HOMES = {
    "DEFAULT": ".pretrained",
    "Batch": ".batch",
    "Example": ".example",
    "FrameToken": ".stream_coder",
    "Layout": ".batch",
    "LevelConfig": ".config",
    "ModelConfig": ".config",
    "PhraseToken": ".stream_coder",
    "ProsodyNetwork": ".network",
    "ProsodyTokenizer": ".prosody_tokenizer",
    "StreamingTokenizer": ".streaming",
    "Tokenizer": ".tokenizer",
    "TokenizerOutput": ".prosody_tokenizer",
    "WordToken": ".stream_coder",
    "load_checkpoint": ".pretrained",
    "save_checkpoint": ".pretrained",
}

__all__ = [
    "DEFAULT",
    "Batch",
    "Example",
    "FrameToken",
    "Layout",
    "LevelConfig",
    "ModelConfig",
    "PhraseToken",
    "ProsodyNetwork",
    "ProsodyTokenizer",
    "StreamingTokenizer",
    "Tokenizer",
    "TokenizerOutput",
    "WordToken",
    "load_checkpoint",
    "save_checkpoint",
]

__getattr__ = lazily(__name__, _HOMES)
