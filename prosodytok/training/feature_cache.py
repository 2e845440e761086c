"""Features of training utterances, extracted once and cached on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.features import extract
from prosodytok.features.initial_register import initial_register
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.nn.batch import Example
from prosodytok.nn.config import ModelConfig
from prosodytok.segmentation import segment
from prosodytok.training.parallel_map import parallel_map
from prosodytok.types import Hierarchy, Register, Segmentation, UnitSource
from prosodytok.types.audio import Audio
from prosodytok.types.errors import USAGE_ERRORS, ConfigError, ProsodytokError, SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import NO_NOISE
from prosodytok.types.segmentation import DEFAULT_UNITS

Result = TypeVar("Result")

#: Raised when extraction changes, so that features in old caches are not used.
CACHE_VERSION = 5


@dataclass(frozen=True)
class CachedUtterance:
    """Features of one utterance; its group is given by the manifest, or its folder."""

    id: str
    group: str
    prosody: Prosody
    hierarchies: tuple[Hierarchy, ...]
    ssl: NDArray[np.float16] | None = None

    def example(
        self, segmentation: int = 0, initial: bool = False, pauses: bool = False
    ) -> Example:
        """The utterance with one of its segmentations (index modulo their number).

        The register is its own, or with `initial` that of its beginning, as in streaming; with
        `pauses` the hierarchy contains which units are pauses.
        """
        hierarchy = self.hierarchies[segmentation % len(self.hierarchies)]
        estimate = initial_register if initial else Register.estimate
        register = replace(estimate(self.prosody), word_rate_hz=hierarchy.word_rate)
        if not pauses:  # as `Tokenizer.example`
            register = replace(register, noise_level_db=NO_NOISE)
        return Example(self.prosody, hierarchy.unlabelled(pauses), register, self.ssl)

    def draw(self, number: int, model: ModelConfig) -> Example:
        """Example for a random number; for a causal model, as in a stream if it is even."""
        if model.encoder == "causal":
            return self.example(number // 2, initial=number % 2 == 0)
        return self.example(number, pauses=model.codes_pauses)


def load_features(
    manifest: Path, cache: Path, tracker: str, segments: Sequence[UnitSource], workers: int = 2
) -> list[CachedUtterance]:
    """Features of a manifest's utterances, extracted on the first call and read on later ones.

    Utterances that fail are left out and listed in ``failed.txt`` beside the cached features.
    Raises `ConfigError` if none can be used.
    """
    text = manifest.read_bytes() if manifest.is_file() else b""
    key = json.dumps([CACHE_VERSION, str(manifest), tracker, list(segments)]).encode() + text
    folder = cache / f"{manifest.stem}-{hashlib.sha256(key).hexdigest()[:12]}"
    if not (folder / "features.npz").is_file():
        _fill(folder, read_manifest(manifest), tracker, segments, workers)
    return _read(folder)


def _fill(
    folder: Path,
    utterances: Sequence[Utterance],
    tracker: str,
    segments: Sequence[UnitSource],
    workers: int,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    results = parallel_map(
        partial(extract_utterance, tracker=tracker, segments=tuple(segments)),
        utterances,
        description=f"features of {len(utterances)} utterances",
        workers=workers,
        chunk_size=16,
    )
    failed = [result for result in results if isinstance(result, str)]
    cached = [result for result in results if isinstance(result, CachedUtterance)]
    write_text(folder / "failed.txt", "".join(f"{line}\n" for line in failed))
    if not cached:
        raise ConfigError(f"no utterance could be used; the reasons are in {folder / 'failed.txt'}")
    _write(folder, cached)


def extract_utterance(
    utterance: Utterance, tracker: str, segments: tuple[UnitSource, ...]
) -> CachedUtterance | str:
    """Features of an utterance, or the line of `result_or_failure`."""
    return result_or_failure(_extract, utterance, tracker, segments)


def result_or_failure(
    function: Callable[..., Result], utterance: Utterance, *arguments: Any, **options: Any
) -> Result | str:
    """Result of a function of an utterance, or on failure a line with the id and the reason.

    Any unexpected exception fails only that utterance. Usage errors, which all utterances would
    share, are raised.
    """
    try:
        return function(utterance, *arguments, **options)
    except USAGE_ERRORS:
        raise
    except Exception as error:
        kind = "" if isinstance(error, ProsodytokError) else f"{type(error).__name__}: "
        return f"{utterance.id}\t{kind}{' '.join(str(error).split())}"


def _extract(
    utterance: Utterance, tracker: str, segments: tuple[UnitSource, ...]
) -> CachedUtterance:
    audio = utterance.load()
    prosody = extract(audio, tracker, f0_range=utterance.f0_range)
    hierarchies = tuple(_segment(utterance, audio, prosody, segments))
    group = (utterance.model_extra or {}).get("group") or utterance.audio.parent.name
    return CachedUtterance(utterance.id, str(group), prosody, hierarchies)


def _segment(
    utterance: Utterance, audio: Audio, prosody: Prosody, sources: tuple[UnitSource, ...]
) -> Iterator[Hierarchy]:
    """Every requested segmentation that is available, or else the default, which always is."""
    available = {
        "textgrid": bool(utterance.textgrid and utterance.words_tier),
        "transcript": utterance.language == "en" and bool(utterance.text),
    }
    usable = [source for source in sources if available.get(source, True)]
    for source in usable or [DEFAULT_UNITS]:
        # If a transcript cannot be aligned, its words are missing, not the utterance.
        with suppress(SegmentationError) if source == "transcript" else nullcontext():
            yield segment(
                audio,
                prosody,
                source,
                textgrid=utterance.textgrid,
                words_tier=utterance.words_tier,
                text=utterance.text,
            )


def _write(folder: Path, utterances: Sequence[CachedUtterance]) -> None:
    index = [
        {
            "id": u.id,
            "group": u.group,
            "frames": u.prosody.num_frames,
            "hierarchies": hierarchies_to_dicts(u.hierarchies),
        }
        for u in utterances
    ]
    write_text(folder / "index.json", json.dumps(index))
    with atomic_path(folder / "features.npz") as path:
        np.savez(
            path,
            f0=np.concatenate([u.prosody.f0 for u in utterances]),
            voiced=np.concatenate([u.prosody.voiced for u in utterances]),
            energy=np.concatenate([u.prosody.energy for u in utterances]),
        )


def _read(folder: Path) -> list[CachedUtterance]:
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    with np.load(folder / "features.npz", allow_pickle=False) as arrays:
        f0, voiced, energy = arrays["f0"], arrays["voiced"], arrays["energy"]
    utterances, start = [], 0
    for entry in index:
        part = slice(start, start := start + entry["frames"])
        prosody = Prosody(f0[part], voiced[part], energy[part])
        hierarchies = hierarchies_from_dicts(entry["hierarchies"])
        utterances.append(CachedUtterance(entry["id"], entry["group"], prosody, hierarchies))
    return utterances


def hierarchies_to_dicts(hierarchies: Sequence[Hierarchy]) -> list[dict[str, Any]]:
    """Segmentations of an utterance as JSON values, without labels."""
    return [
        {
            "source": h.source,
            "words": h.words.boundaries.tolist(),
            "pauses": np.flatnonzero(h.silent).tolist(),
            "phrases": h.phrases.boundaries.tolist(),
        }
        for h in hierarchies
    ]


def hierarchies_from_dicts(dicts: Sequence[dict[str, Any]]) -> tuple[Hierarchy, ...]:
    """Inverse of `hierarchies_to_dicts`."""
    return tuple(
        Hierarchy(
            Segmentation.unlabelled(h["phrases"]),
            Segmentation.unlabelled(h["words"]),
            h["source"],
            np.isin(np.arange(len(h["words"]) - 1), h["pauses"]),
        )
        for h in dicts
    )
