"""The tokenizer: a hierarchical VQ autoencoder, and its checkpoints."""

from prosodytok.model.batch import Batch, Example, Layout
from prosodytok.model.config import LevelConfig, ModelConfig
from prosodytok.model.network import ProsodyNetwork
from prosodytok.model.pretrained import DEFAULT, load_checkpoint, save_checkpoint
from prosodytok.model.streaming import FrameToken, PhraseToken, StreamingTokenizer, WordToken
from prosodytok.model.tokenizer import ProsodyTokenizer, TokenizerOutput

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
    "TokenizerOutput",
    "WordToken",
    "load_checkpoint",
    "save_checkpoint",
]
