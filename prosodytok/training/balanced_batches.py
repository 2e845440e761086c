"""Training batches of cached utterances: similar length, speaker groups balanced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.nn.config import ModelConfig
from prosodytok.training.distributed import SINGLE_PROCESS, Rank
from prosodytok.training.feature_cache import CachedUtterance


@dataclass(eq=False)
class UtteranceDataset(Dataset[Example]):
    """Cached utterances as examples; an index is (utterance, draw) of `CachedUtterance.draw`."""

    utterances: Sequence[CachedUtterance]
    model: ModelConfig

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: tuple[int, int]) -> Example:
        utterance, number = index
        return self.utterances[utterance].draw(number, self.model)


class BalancedBatches(Sampler[list[tuple[int, int]]]):
    """An epoch of batches of utterances of similar length, with groups drawn by `balance`.

    `balance` is that of `DataConfig`; `batch_frames` include padding. Batches before `start` are
    drawn and skipped; `rank` is the process whose share of each batch is returned.
    """

    def __init__(
        self,
        utterances: Sequence[CachedUtterance],
        num_batches: int,
        batch_frames: int,
        balance: float,
        seed: int | Sequence[int],
        start: int = 0,
        rank: Rank = SINGLE_PROCESS,
    ) -> None:
        self.lengths = np.array([u.prosody.num_frames for u in utterances])
        self.weights = _group_weights([u.group for u in utterances], self.lengths, balance)
        self.num_batches, self.batch_frames = num_batches, batch_frames
        self.seed, self.start, self.rank = seed, start, rank

    def __len__(self) -> int:
        return self.num_batches

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        rng = np.random.default_rng(self.seed)
        batches: list[NDArray[np.int64]] = []
        while len(batches) < self.num_batches:
            pool = rng.choice(len(self.lengths), size=2048, p=self.weights)
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            chunks = batches_by_length(self.lengths[pool], self.batch_frames)
            batches += [pool[chunk] for chunk in rng.permutation(np.array(chunks, dtype=object))]
        indices = [[(int(i), int(rng.integers(1 << 16))) for i in b] for b in batches]
        yield from map(self.rank.share, indices[self.start : self.num_batches])


def _group_weights(
    groups: Sequence[str], lengths: NDArray[np.int64], balance: float
) -> NDArray[np.float64]:
    names, index = np.unique(groups, return_inverse=True)
    seconds = np.bincount(index, weights=lengths, minlength=len(names))
    weights = (seconds ** (balance - 1))[index].astype(np.float64)
    return weights / np.sum(weights)
