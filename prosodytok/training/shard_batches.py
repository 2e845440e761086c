"""Batches of a corpus that is read from shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.nn.config import ModelConfig
from prosodytok.nn.tensors import TensorBatch, make_batch
from prosodytok.training.distributed import SINGLE_PROCESS, Rank
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.shard_format import FeatureSpec, read_shard
from prosodytok.types.errors import ConfigError


@dataclass(eq=False)
class ShardBatches(IterableDataset[TensorBatch]):
    """An epoch of batches of utterances of similar length, read from shards in random order.

    Each worker of each rank reads other shards, all utterances of each. A worker that has read its
    shards before the end of the epoch reads them again in another order. The batches depend only on
    the seed and the numbers of ranks and workers: an epoch that starts at a later batch reads and
    skips the earlier ones. `shuffle` utterances are held in memory and batched by length, with up
    to `batch_frames` in a batch, padding included; for `model` see `CachedUtterance.draw`. Raises
    `ConfigError` if there are too few shards, or one is damaged or has features of another spec.
    """

    shards: Sequence[Path]
    spec: FeatureSpec
    model: ModelConfig
    num_batches: int
    batch_frames: int
    shuffle: int
    seed: Sequence[int]
    start: int = 0
    rank: Rank = SINGLE_PROCESS

    def __iter__(self) -> Iterator[TensorBatch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        # The loader polls workers in turn, and begins with the first wherever the epoch starts.
        role = (self.start + worker) % workers
        reader = Rank(self.rank.index * workers + role, self.rank.count * workers)
        first, last = (self.start + worker) // workers, len(range(role, self.num_batches, workers))
        for chunk in islice(self._chunks(reader), first, last):
            yield make_batch(chunk, self.spec.patch)

    def _chunks(self, reader: Rank) -> Iterator[list[Example]]:
        if len(self.shards) < reader.count:
            raise ConfigError(
                f"{len(self.shards)} shards like {self.shards[0]} are too few for {reader.count} "
                "reading processes: write smaller ones, or lower data.workers"
            )
        order = np.random.default_rng(self.seed).permutation(len(self.shards))
        rng = np.random.default_rng([*self.seed, reader.index])
        utterances = self._utterances([self.shards[i] for i in reader.share(list(order))], rng)
        while True:
            pool = list(islice(utterances, self.shuffle))
            pool = [pool[i] for i in rng.permutation(len(pool))]
            pool.sort(key=lambda u: u.prosody.num_frames)
            lengths = np.array([u.prosody.num_frames for u in pool])
            chunks = batches_by_length(lengths, self.batch_frames)
            for i in rng.permutation(len(chunks)):
                yield [u.draw(int(rng.integers(1 << 16)), self.model) for u in pool[chunks[i]]]

    def _utterances(
        self, shards: Sequence[Path], rng: np.random.Generator
    ) -> Iterator[CachedUtterance]:
        while True:
            for i in rng.permutation(len(shards)):
                yield from read_shard(shards[i], self.spec)
