"""Training a tokenizer (extra ``train``)."""

from prosodytok.training.config import TrainConfig, load_config
from prosodytok.training.run import is_first_process, train
from prosodytok.training.shard_writer import write_shards

__all__ = ["TrainConfig", "is_first_process", "load_config", "train", "write_shards"]
