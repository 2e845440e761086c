"""Lightning data module: the training and dev speech of a run as loaders."""

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
from prosodytok.training.balanced_batches import BalancedBatches, UtteranceDataset
from prosodytok.training.changed_copies import load_copies
from prosodytok.training.config import TrainConfig
from prosodytok.training.distributed import Rank
from prosodytok.training.embedding_cache import with_embeddings
from prosodytok.training.feature_cache import CachedUtterance, load_features
from prosodytok.training.shard_batches import ShardBatches
from prosodytok.training.shard_format import FeatureSpec, find_shards, is_shards, read_shard
from prosodytok.types import UnitSource
from prosodytok.types.errors import ConfigError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE

#: Utterances of shards that are held in memory as a sample, as `train_set`.
SAMPLE = 4096


class EpochLoader(DataLoader[Any]):
    """A loader of an epoch that may have started before: it returns the remaining batches.

    Lightning saves and restores the state of loaders. This one has none: the number of updates
    determines the next batch.
    """

    def __init__(self, num_batches: int, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.num_batches = num_batches

    def __len__(self) -> int:
        return self.num_batches

    def state_dict(self) -> dict[str, Any]:
        """Empty state."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """No-op."""


class SpeechDataModule(lightning.LightningDataModule):
    """Features as loaders; an epoch lasts from one validation to the next.

    Each rank has its share of the training batches, or of the shards, and of the dev utterances.
    """

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        # All machines share one cache, and only one process fills it.
        self.prepare_data_per_node = False
        self.epoch_batches = min(config.fit.validate_every, config.fit.steps)
        self.batch_frames = int(config.fit.batch_seconds * FRAME_RATE)
        self.shards: list[Path] = []
        self.train_set: list[CachedUtterance] = []
        self.dev_set: list[CachedUtterance] = []
        self.copies: dict[str, tuple[Prosody, ...]] = {}

    def prepare_data(self) -> None:
        """Read the features in one process, which extracts those that are not cached."""
        data = self.config.data
        if is_shards(data.train):
            self.shards = find_shards(data.train)
            utterances = (u for shard in self.shards for u in read_shard(shard, self._spec))
            self.train_set = list(islice(utterances, SAMPLE))
        else:
            self.train_set = self._load(data.train, data.segments)
            if data.copies:
                self.copies = load_copies(data.train, data.cache, data.f0, data.copies)
        self.dev_set = self._load(data.dev, data.segments[:1])
        self.dev_set.sort(key=lambda u: u.prosody.num_frames)

    def setup(self, stage: str) -> None:
        """Read the features in the other processes, after `prepare_data` in the first."""
        del stage
        if not self.dev_set:
            self.prepare_data()
        if len(self.dev_set) < self._rank.count:
            raise ConfigError(
                f"{self.config.data.dev}: {len(self.dev_set)} utterances are too few for "
                f"{self._rank.count} processes: each validates on its share"
            )

    def train_dataloader(self) -> EpochLoader:
        """Batches of the current epoch, new ones for each; the remaining ones after a resume."""
        data, fit = self.config.data, self.config.fit
        epoch, start = divmod(self.trainer.global_step if self.trainer else 0, self.epoch_batches)
        rank, seed = self._rank, (fit.seed, epoch)
        if self.shards:
            shard_batches = ShardBatches(
                self.shards,
                self._spec,
                self.config.model,
                self.epoch_batches,
                self.batch_frames // rank.count,
                data.shuffle,
                seed,
                start,
                rank,
            )
            return EpochLoader(
                self.epoch_batches, shard_batches, batch_size=None, num_workers=data.workers
            )
        batches = BalancedBatches(
            self.train_set, self.epoch_batches, self.batch_frames, data.balance, seed, start, rank
        )
        return self._loader(self.train_set, batches)

    def val_dataloader(self) -> EpochLoader:
        """Each utterance of this rank's share of dev, once."""
        own = self._rank.share(self.dev_set)
        chunks = batches_by_length(np.array([u.prosody.num_frames for u in own]), self.batch_frames)
        return self._loader(own, [[(i, 0) for i in range(c.start, c.stop)] for c in chunks])

    @property
    def _rank(self) -> Rank:
        return Rank(self.trainer.global_rank, self.trainer.world_size) if self.trainer else Rank()

    @property
    def _spec(self) -> FeatureSpec:
        return FeatureSpec.from_config(self.config)

    def _load(self, path: Path, segments: Sequence[UnitSource]) -> list[CachedUtterance]:
        data, model = self.config.data, self.config.model
        if is_shards(path):
            return [u for shard in find_shards(path) for u in read_shard(shard, self._spec)]
        utterances = load_features(path, data.cache, data.f0, segments)
        if model.ssl is None:
            return utterances
        return with_embeddings(utterances, path, data.cache, model.ssl, model.patch)

    def _loader(self, utterances: list[CachedUtterance], batches: Any) -> EpochLoader:
        collate = partial(make_batch, patch=self.config.model.patch)
        dataset = UtteranceDataset(utterances, self.config.model)
        return EpochLoader(len(batches), dataset, batch_sampler=batches, collate_fn=collate)
