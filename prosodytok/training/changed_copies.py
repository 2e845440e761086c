"""Prosody of changed copies of the training speech, extracted once and cached on disk.

Codes become identities by training: a copy in noise, in a room, or over a telephone must choose the
codes of the original (see `training.unit_codes`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from prosodytok.features import extract
from prosodytok.features.sound_changes import (
    BABBLE_SPEAKERS,
    Change,
    babble,
    coloured_noise,
    mp3,
    narrow,
    reverberate,
    telephone,
)
from prosodytok.io.atomic import atomic_path
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.training.feature_cache import CACHE_VERSION, result_or_failure
from prosodytok.training.parallel_map import parallel_map
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody

Random = np.random.Generator
Others = Sequence[Audio]

#: Ranges from which the parameters of a change are drawn: signal-to-noise ratio (dB), slope of the
#: noise (dB per octave), reverberation time (s) and level.
NOISE_RATIO, NOISE_SLOPE, BABBLE_RATIO = (5.0, 30.0), (-6.0, 0.0), (8.0, 25.0)
ROOM_SECONDS, ROOM_LEVEL = (0.2, 0.8), (0.02, 0.18)
#: Probability of a second change on top of the first.
SECOND_CHANGE = 0.1


def load_copies(
    manifest: Path, cache: Path, tracker: str, count: int, workers: int = 2
) -> dict[str, tuple[Prosody, ...]]:
    """Prosody of `count` changed copies of each utterance, by id.

    Extracted on the first call and read on later ones; which changes a copy has depends on the id
    alone. Utterances that fail have no copies.
    """
    key = json.dumps([CACHE_VERSION, str(manifest), tracker, count]).encode()
    digest = hashlib.sha256(key + manifest.read_bytes()).hexdigest()[:12]
    path = cache / f"{manifest.stem}-copies-{digest}.npz"
    if not path.is_file():
        _fill(path, read_manifest(manifest), tracker, count, workers)
    return _read(path)


def change(audio: Audio, others: Others, rng: Random) -> Audio:
    """A copy with one random change, or two: noise, babble, telephone, 8 kHz, MP3, room."""
    changed = _draw(rng)(audio, others, rng).audio
    return _draw(rng)(changed, others, rng).audio if rng.random() < SECOND_CHANGE else changed


def _noise(rng: Random) -> Change:
    return partial(coloured_noise, snr=rng.uniform(*NOISE_RATIO), slope=rng.uniform(*NOISE_SLOPE))


def _babble(rng: Random) -> Change:
    return partial(babble, snr=rng.uniform(*BABBLE_RATIO))


def _room(rng: Random) -> Change:
    return partial(reverberate, seconds=rng.uniform(*ROOM_SECONDS), level=rng.uniform(*ROOM_LEVEL))


#: Changes with random parameters, and their probabilities.
_CHANGES: dict[Callable[[Random], Change], float] = {
    _noise: 0.3,
    _babble: 0.15,
    lambda _: telephone: 0.2,
    lambda _: narrow: 0.08,
    lambda _: mp3: 0.09,
    _room: 0.18,
}


def _draw(rng: Random) -> Change:
    functions = list(_CHANGES)
    return functions[rng.choice(len(functions), p=list(_CHANGES.values()))](rng)


def _fill(
    path: Path, utterances: Sequence[Utterance], tracker: str, count: int, workers: int
) -> None:
    rng = np.random.default_rng(0)
    others = [
        [utterances[i] for i in rng.integers(len(utterances), size=BABBLE_SPEAKERS)]
        for _ in utterances
    ]
    results = parallel_map(
        partial(_copies_or_failure, tracker=tracker, count=count),
        utterances,
        others,
        description=f"changed copies of {len(utterances)} utterances",
        workers=workers,
        chunk_size=16,
    )
    _write(path, {r[0]: r[1] for r in results if not isinstance(r, str)})


def _copies_or_failure(
    utterance: Utterance, others: Sequence[Utterance], tracker: str, count: int
) -> tuple[str, tuple[Prosody, ...]] | str:
    return result_or_failure(_copies, utterance, others, tracker, count)


def _copies(
    utterance: Utterance, others: Sequence[Utterance], tracker: str, count: int
) -> tuple[str, tuple[Prosody, ...]]:
    rng = np.random.default_rng(crc32(utterance.id.encode()))
    audio, babblers = utterance.load(), list(_readable(others))
    copies = (change(audio, babblers, rng) for _ in range(count))
    return utterance.id, tuple(extract(copy, tracker) for copy in copies)


def _readable(utterances: Sequence[Utterance]) -> Iterator[Audio]:
    """The sounds that can be read; of the others each fails on its own account."""
    for utterance in utterances:
        with suppress(ProsodytokError):
            yield utterance.load()


def _write(path: Path, copies: dict[str, tuple[Prosody, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    every = [prosody for own in copies.values() for prosody in own]
    with atomic_path(path) as temporary:
        np.savez(
            temporary,
            ids=np.array(list(copies)),
            count=np.array([len(own) for own in copies.values()]),
            frames=np.array([prosody.num_frames for prosody in every]),
            f0=_joined([p.f0 for p in every], np.float32),
            voiced=_joined([p.voiced for p in every], np.bool_),
            energy=_joined([p.energy for p in every], np.float32),
        )


def _joined(parts: Sequence[NDArray[np.generic]], dtype: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate([np.empty(0, dtype), *parts]).astype(dtype)


def _read(path: Path) -> dict[str, tuple[Prosody, ...]]:
    with np.load(path, allow_pickle=False) as arrays:
        ends = np.cumsum(arrays["frames"])
        parts = [
            slice(end - length, end) for end, length in zip(ends, arrays["frames"], strict=True)
        ]
        f0, voiced, energy = (arrays[name] for name in ("f0", "voiced", "energy"))
        every = [Prosody(f0[part], voiced[part], energy[part]) for part in parts]
        firsts = np.append(0, np.cumsum(arrays["count"]))
        return {
            str(name): tuple(every[firsts[i] : firsts[i + 1]])
            for i, name in enumerate(arrays["ids"])
        }
