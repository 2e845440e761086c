"""Training of a tokenizer (extra ``train``)."""

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.training.config import TrainConfig, load_config
    from prosodytok.training.shard_writer import write_shards
    from prosodytok.training.trainer import is_first_process, train

#: Imported on first access: processes that extract features need not wait for Lightning.
_HOMES = {
    "TrainConfig": ".config",
    "is_first_process": ".trainer",
    "load_config": ".config",
    "train": ".trainer",
    "write_shards": ".shard_writer",
}

__all__ = ["TrainConfig", "is_first_process", "load_config", "train", "write_shards"]

__getattr__ = lazily(__name__, _HOMES)
