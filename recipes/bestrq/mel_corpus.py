"""Cached log-mel features of the speech of a manifest, and batches of them."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from prosodytok.features import mel as front_end
from prosodytok.features.mel import NUM_BANDS, STACK, STACKED_RATE, normalized_log_mel
from prosodytok.io.atomic import atomic_path
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load

#: Every n-th utterance is held out for validation.
HELD_OUT = 100
#: Stacked frames for the principal components.
SAMPLE_FRAMES = 50_000
#: Utterances that are sorted by length for batching.
POOL = 1024


@dataclass(frozen=True)
class Corpus:
    """Concatenated log-mel (T, 80) float16; utterance u is starts[u]:starts[u+1]."""

    mel: np.ndarray
    starts: np.ndarray

    @classmethod
    def prepare(cls, manifest: Path, cache: Path) -> Corpus:
        """Read the cache of this manifest and features/mel.py, or create it: 58 MB per hour."""
        key = manifest.read_bytes() + inspect.getsource(front_end).encode()
        folder = cache / f"{manifest.stem}-{hashlib.sha256(key).hexdigest()[:12]}"
        mel_path, starts_path = folder / "mel.npy", folder / "starts.npy"
        if not starts_path.is_file():
            audio = [utterance.audio for utterance in read_manifest(manifest)]
            tracks = track((normalized_log_mel(load(path)) for path in audio), total=len(audio))
            mels = [mel.astype(np.float16) for mel in tracks]
            for path, array in (
                (mel_path, np.concatenate(mels)),
                (starts_path, np.cumsum([0, *map(len, mels)])),
            ):
                with atomic_path(path) as temporary:
                    np.save(temporary, array)
        return cls(np.load(mel_path, mmap_mode="r"), np.load(starts_path))

    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the training utterances, and of the held-out ones."""
        numbers = np.arange(len(self.starts) - 1)
        held_out = numbers % HELD_OUT == HELD_OUT - 1
        return numbers[~held_out], numbers[held_out]

    def sample(self) -> Tensor:
        """Stacked frames at even intervals in the corpus, (N, 320)."""
        stacked = self.mel.reshape(-1, STACK * NUM_BANDS)
        stride = max(1, len(stacked) // SAMPLE_FRAMES)
        return torch.from_numpy(stacked[::stride].astype(np.float32))

    def batches(
        self, numbers: np.ndarray, seconds: float, crop_seconds: float, seed: int
    ) -> Iterator[Tensor]:
        """Endless random batches (B, T, 80), cropped to the shortest utterance of each."""
        rng = np.random.default_rng(seed)
        lengths = np.diff(self.starts)
        longest = int(crop_seconds * STACKED_RATE) * STACK
        while True:
            pool = rng.permutation(numbers)[:POOL]
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            ends = np.cumsum(np.minimum(lengths[pool], longest))
            chunks = np.searchsorted(ends, np.arange(0, ends[-1], seconds * STACK * STACKED_RATE))
            groups = [group for group in np.split(pool, chunks[1:]) if len(group)]
            for i in rng.permutation(len(groups)):
                yield self._crop(groups[i], longest, rng)

    def _crop(self, numbers: np.ndarray, longest: int, rng: np.random.Generator) -> Tensor:
        starts, lengths = self.starts[numbers], np.diff(self.starts)[numbers]
        size = min(longest, int(lengths.min()))
        offsets = rng.integers((lengths - size) // STACK + 1) * STACK
        crops = [self.mel[s : s + size] for s in starts + offsets]
        return torch.from_numpy(np.stack(crops).astype(np.float32))
