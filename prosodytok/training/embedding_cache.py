"""Self-supervised embeddings of the training speech, computed once and cached on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.features import SSLEncoder, align_frames, load_ssl
from prosodytok.io.atomic import atomic_path
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.parallel_map import parallel_map
from prosodytok.types.audio import Audio
from prosodytok.types.units import FRAME_RATE

Embeddings = NDArray[np.float16]


def with_embeddings(
    utterances: Sequence[CachedUtterance],
    manifest: Path,
    cache: Path,
    name: str,
    patch: int,
    workers: int = 2,
) -> list[CachedUtterance]:
    """Add to each utterance the embeddings of its audio, one for each network step.

    They are cached in half precision. The file is named after a hash of the encoder's output for a
    fixed noise, so that other weights of the same name make another file.
    """
    steps = [-(-u.prosody.num_frames // patch) for u in utterances]
    ids = "\n".join(u.id for u in utterances)
    key = hashlib.sha256(_fingerprint(_encoder(name)) + f"{patch}\n{manifest}\n{ids}".encode())
    path = cache / f"embeddings-{key.hexdigest()[:12]}.npy"
    if not path.is_file():
        by_id = {u.id: u for u in read_manifest(manifest)}
        computed = parallel_map(
            partial(embed, name=name, patch=patch),
            [by_id[u.id] for u in utterances],
            steps,
            description=f"{name} embeddings of {len(steps)} utterances",
            workers=workers,
            chunk_size=16,
        )
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.save(file, np.concatenate(computed))
    stored = np.load(path, allow_pickle=False)
    parts = np.split(stored, np.cumsum(steps)[:-1])
    return [replace(u, ssl=part) for u, part in zip(utterances, parts, strict=True)]


def embed(utterance: Utterance, steps: int, *, name: str, patch: int) -> Embeddings:
    """Embeddings of an utterance's audio in half precision, one for each network step."""
    encoder = _encoder(name)
    embeddings = encoder(utterance.load())
    rate = FRAME_RATE / patch
    return align_frames(embeddings, encoder.frame_rate, rate, steps).astype(np.float16)


@cache
def _encoder(name: str) -> SSLEncoder:
    return load_ssl(name)


def _fingerprint(encoder: SSLEncoder) -> bytes:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 16000).astype(np.float32)
    return encoder(Audio(noise, 16000)).round(3).tobytes()
