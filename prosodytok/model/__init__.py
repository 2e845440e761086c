"""The tokenizer: a hierarchical VQ autoencoder, and its checkpoints."""

from prosodytok.model.batch import Batch, Example, Layout
from prosodytok.model.config import LevelConfig, ModelConfig
from prosodytok.model.network import ProsodyNetwork
from prosodytok.model.pretrained import DEFAULT, load_checkpoint, save_checkpoint
from prosodytok.model.tokenizer import ProsodyTokenizer, TokenizerOutput

__all__ = [
    "DEFAULT",
    "Batch",
    "Example",
    "Layout",
    "LevelConfig",
    "ModelConfig",
    "ProsodyNetwork",
    "ProsodyTokenizer",
    "TokenizerOutput",
    "load_checkpoint",
    "save_checkpoint",
]
