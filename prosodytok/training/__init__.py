"""Training a tokenizer (extra ``train``)."""

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.training.config import TrainConfig, load_config
    from prosodytok.training.run import is_first_process, train
    from prosodytok.training.shard_writer import write_shards

#: Imported when first asked for: processes that extract features need not wait for Lightning.
_HOMES = {
    "TrainConfig": ".config",
    "is_first_process": ".run",
    "load_config": ".config",
    "train": ".run",
    "write_shards": ".shard_writer",
}

__all__ = ["TrainConfig", "is_first_process", "load_config", "train", "write_shards"]

__getattr__ = lazily(__name__, _HOMES)
