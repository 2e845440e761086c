"""The speech of a run as Lightning asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import lightning
import numpy as np
from torch.utils.data import DataLoader

from prosodytok.nn.batch import batches_by_length
from prosodytok.nn.tensors import make_batch
from prosodytok.training.config import TrainConfig
from prosodytok.training.data import (
    BalancedBatches,
    CachedUtterance,
    UtteranceDataset,
    load_features,
)
from prosodytok.training.embeddings import with_embeddings
from prosodytok.training.ranks import Rank
from prosodytok.training.shards import Made, find_shards, is_shards, read_shard
from prosodytok.training.stream import ShardStream
from prosodytok.types import UnitSource
from prosodytok.types.errors import ConfigError
from prosodytok.types.units import FRAME_RATE

#: Utterances of a stream that stand for all of it, where all would not fit into memory.
SAMPLE = 4096


class EpochLoader(DataLoader[Any]):
    """A loader of an epoch that may have begun before: it gives the batches that are left.

    Lightning asks loaders for a state to resume from. This one needs none: which batch is next is
    told by the number of updates.
    """

    def __init__(self, num_batches: int, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.num_batches = num_batches

    def __len__(self) -> int:
        return self.num_batches

    def state_dict(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Do nothing."""


class SpeechData(lightning.LightningDataModule):
    """Features as loaders; one epoch is the stretch between two validations.

    A rank has its share of the training batches, or of the shards, and of the dev utterances.
    """

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        # All machines see one cache, and only one process fills it.
        self.prepare_data_per_node = False
        self.epoch_batches = min(config.fit.validate_every, config.fit.steps)
        self.batch_frames = int(config.fit.batch_seconds * FRAME_RATE)
        self.shards: list[Path] = []
        self.train_set: list[CachedUtterance] = []
        self.dev_set: list[CachedUtterance] = []

    def prepare_data(self) -> None:
        """Read the features in one process, which extracts them where they are not cached."""
        data = self.config.data
        if is_shards(data.train):
            self.shards = find_shards(data.train)
            utterances = (u for shard in self.shards for u in read_shard(shard, self._made))
            self.train_set = list(islice(utterances, SAMPLE))
        else:
            self.train_set = self._load(data.train, data.segments)
        self.dev_set = self._load(data.dev, data.segments[:1])
        self.dev_set.sort(key=lambda u: u.prosody.num_frames)

    def setup(self, stage: str) -> None:
        """Read the features in the other processes, after the one."""
        del stage
        if not self.dev_set:
            self.prepare_data()
        if len(self.dev_set) < self._rank.count:
            raise ConfigError(
                f"{self.config.data.dev}: {len(self.dev_set)} utterances are too few for "
                f"{self._rank.count} processes: each validates on its share"
            )

    def train_dataloader(self) -> EpochLoader:
        """New batches for each epoch; the ones that are left when a run is resumed within it."""
        data, fit = self.config.data, self.config.fit
        epoch, start = divmod(self.trainer.global_step if self.trainer else 0, self.epoch_batches)
        rank, seed = self._rank, (fit.seed, epoch)
        if self.shards:
            stream = ShardStream(
                self.shards,
                self._made,
                self.epoch_batches,
                self.batch_frames // rank.count,
                data.shuffle,
                seed,
                start,
                rank,
                self._streams,
            )
            return EpochLoader(
                self.epoch_batches, stream, batch_size=None, num_workers=data.workers
            )
        batches = BalancedBatches(
            self.train_set, self.epoch_batches, self.batch_frames, data.balance, seed, start, rank
        )
        return self._loader(self.train_set, batches)

    def val_dataloader(self) -> EpochLoader:
        """Each utterance of dev once; a rank has its share."""
        own = self._rank.share(self.dev_set)
        chunks = batches_by_length(np.array([u.prosody.num_frames for u in own]), self.batch_frames)
        return self._loader(own, [[(i, 0) for i in range(c.start, c.stop)] for c in chunks])

    @property
    def _rank(self) -> Rank:
        return Rank(self.trainer.global_rank, self.trainer.world_size) if self.trainer else Rank()

    @property
    def _streams(self) -> bool:
        return self.config.model.lookahead is not None

    @property
    def _made(self) -> Made:
        return Made.of(self.config)

    def _load(self, path: Path, segments: Sequence[UnitSource]) -> list[CachedUtterance]:
        data, model = self.config.data, self.config.model
        if is_shards(path):
            return [u for shard in find_shards(path) for u in read_shard(shard, self._made)]
        utterances = load_features(path, data.cache, data.f0, segments)
        if model.ssl is None:
            return utterances
        return with_embeddings(utterances, path, data.cache, model.ssl, model.patch)

    def _loader(self, utterances: list[CachedUtterance], batches: Any) -> EpochLoader:
        collate = partial(make_batch, patch=self.config.model.patch)
        dataset = UtteranceDataset(utterances, self._streams)
        return EpochLoader(len(batches), dataset, batch_sampler=batches, collate_fn=collate)
