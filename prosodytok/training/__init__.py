"""Training a tokenizer (extra ``train``)."""

from prosodytok.training.config import TrainConfig, load_config
from prosodytok.training.run import train

__all__ = ["TrainConfig", "load_config", "train"]
