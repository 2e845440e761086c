"""Random crops of training speech, for the networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from prosodytok.training.feature_cache import CachedUtterance

from .tracks import to_tracks

#: Length of a crop (frames: 3.2 s), and crops in a batch.
CROP, BATCH = 320, 20
#: Speaker groups with S seconds are drawn in proportion to S to this power, as for our tokenizer.
BALANCE = 0.7


class Crops:
    """Random crops of training speech: tracks (B, CROP, 3), scales (B, 2) and lengths (B,)."""

    def __init__(self, utterances: Sequence[CachedUtterance], seed: int = 0) -> None:
        examples = [u.example() for u in utterances]
        self.tracks = [to_tracks(e.prosody, e.register) for e in examples]
        self.scales = np.array(
            [[e.register.f0_spread_st, e.register.energy_range_db] for e in examples], np.float32
        )
        frames = np.array([len(t) for t in self.tracks])
        _, group = np.unique([u.group for u in utterances], return_inverse=True)
        share = np.bincount(group, weights=frames) ** (BALANCE - 1)
        self.share = frames * share[group] / (frames * share[group]).sum()
        self.rng = np.random.default_rng(seed)

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Draw crops; a shorter utterance is padded with its last frame."""
        chosen = self.rng.choice(len(self.tracks), size=count, p=self.share)
        tracks = np.empty((count, CROP, 3), dtype=np.float32)
        lengths = np.empty(count, dtype=np.int64)
        for row, index in enumerate(chosen):
            whole = self.tracks[index]
            start = self.rng.integers(max(1, len(whole) - CROP + 1))
            crop = whole[start : start + CROP]
            lengths[row] = len(crop)
            tracks[row] = np.pad(crop, ((0, CROP - len(crop)), (0, 0)), mode="edge")
        return (
            torch.from_numpy(tracks),
            torch.from_numpy(self.scales[chosen]),
            torch.from_numpy(lengths),
        )
