"""Batches of a corpus that is read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.nn.tensors import TensorBatch, make_batch
from prosodytok.training.data import CachedUtterance
from prosodytok.training.ranks import WHOLE, Rank
from prosodytok.training.shards import Made, read_shard
from prosodytok.types.errors import ConfigError


class ShardStream(IterableDataset[TensorBatch]):
    """An epoch of batches of utterances of similar length, read from shards in random order.

    Ranks, and workers of each, read different shards; of each shard all utterances. Those who come
    to their end within an epoch begin anew in another order. What is read follows from the seed and
    the numbers of ranks and workers alone: an epoch that begins at a later batch reads what comes
    before it, and passes it over.

    Parameters
    ----------
    shards : sequence of Path
        What to read; at least one for each worker of each rank.
    made : Made
        How their features must have been made.
    num_batches, start : int
        Batches of the epoch, and the first that is given.
    batch_frames : int
        Frames of a batch, padding included.
    shuffle : int
        Utterances held in memory, of which batches are made.
    seed : sequence of int
        The same seed reads the same batches.
    rank : Rank
        Whose shards are read.
    stream : bool
        How utterances are drawn: see `CachedUtterance.drawn`.

    Raises
    ------
    ConfigError
        If there are too few shards, or one is damaged.
    """

    def __init__(
        self,
        shards: Sequence[Path],
        made: Made,
        num_batches: int,
        batch_frames: int,
        shuffle: int,
        seed: Sequence[int],
        start: int = 0,
        rank: Rank = WHOLE,
        stream: bool = False,
    ) -> None:
        self.shards, self.made, self.rank, self.seed = shards, made, rank, seed
        self.stream = stream
        self.num_batches, self.start = num_batches, start
        self.batch_frames, self.shuffle = batch_frames, shuffle

    def __iter__(self) -> Iterator[TensorBatch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        # The loader asks workers in turn, and begins with the first wherever the epoch begins.
        role = (self.start + worker) % workers
        readers = Rank(self.rank.index * workers + role, self.rank.count * workers)
        passed, last = (self.start + worker) // workers, len(range(role, self.num_batches, workers))
        for chunk in islice(self._chunks(readers), passed, last):
            yield make_batch(chunk, self.made.patch)

    def _chunks(self, reader: Rank) -> Iterator[list[Example]]:
        if len(self.shards) < reader.count:
            raise ConfigError(
                f"{len(self.shards)} shards like {self.shards[0]} are too few for {reader.count} "
                "processes that read: write smaller ones, or set data.workers lower"
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
                yield [u.drawn(int(rng.integers(1 << 16)), self.stream) for u in pool[chunks[i]]]

    def _utterances(
        self, shards: Sequence[Path], rng: np.random.Generator
    ) -> Iterator[CachedUtterance]:
        while True:
            for i in rng.permutation(len(shards)):
                yield from read_shard(shards[i], self.made)
