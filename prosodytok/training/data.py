"""Training data: features extracted once, kept on disk, and drawn in batches of similar length."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from prosodytok.features import extract
from prosodytok.features.initial_register import initial_register
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.nn.batch import Example, batches_by_length
from prosodytok.segmentation import segment
from prosodytok.training.ranks import WHOLE, Rank
from prosodytok.training.workers import in_workers
from prosodytok.types import Hierarchy, Register, Segmentation, UnitSource
from prosodytok.types.audio import Audio
from prosodytok.types.errors import USAGE_ERRORS, ConfigError, ProsodytokError, SegmentationError
from prosodytok.types.prosody import Prosody

Result = TypeVar("Result")

#: Raised when cached features no longer are what extraction gives.
CACHE_VERSION = 4


@dataclass(frozen=True)
class CachedUtterance:
    """One utterance's features: what training needs of it, and no sound.

    Its group is the manifest's field "group", or else the folder that its sound lies in.
    """

    id: str
    group: str
    prosody: Prosody
    hierarchies: tuple[Hierarchy, ...]
    ssl: NDArray[np.float16] | None = None

    def example(self, choice: int = 0, opening: bool = False) -> Example:
        """The utterance under one of its segmentations, in its own or its opening's register."""
        hierarchy = self.hierarchies[choice % len(self.hierarchies)]
        estimate = initial_register if opening else Register.estimate
        register = estimate(self.prosody).with_word_rate(
            len(hierarchy.words), self.prosody.num_frames / self.prosody.frame_rate
        )
        return Example(self.prosody, hierarchy, register, self.ssl)

    def drawn(self, choice: int, stream: bool) -> Example:
        """The utterance as training draws it, of manifests and of shards.

        For models of a `stream`, every other choice comes in the register of its opening.
        """
        if stream:
            return self.example(choice // 2, opening=choice % 2 == 0)
        return self.example(choice)


class UtteranceDataset(Dataset[Example]):
    """Cached utterances; an index is (utterance, which of its segmentations).

    With `stream`, as `CachedUtterance.drawn` says.
    """

    def __init__(self, utterances: Sequence[CachedUtterance], stream: bool = False) -> None:
        self.utterances = utterances
        self.stream = stream

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: tuple[int, int]) -> Example:
        utterance, choice = index
        return self.utterances[utterance].drawn(choice, self.stream)


class BalancedBatches(Sampler[list[tuple[int, int]]]):
    """Batches of utterances of similar length, with groups drawn by `balance`.

    Parameters
    ----------
    utterances : sequence of CachedUtterance
        What to draw from.
    num_batches : int
        Batches an epoch.
    batch_frames : int
        Frames of a batch, padding included.
    balance : float
        See `DataConfig`.
    seed : int or sequence of int
        The same seed draws the same batches.
    start : int
        The first batch that is given: those before it are drawn and passed over.
    rank : Rank
        Of each batch, this rank's share is given.
    """

    def __init__(
        self,
        utterances: Sequence[CachedUtterance],
        num_batches: int,
        batch_frames: int,
        balance: float,
        seed: int | Sequence[int],
        start: int = 0,
        rank: Rank = WHOLE,
    ) -> None:
        self.lengths = np.array([u.prosody.num_frames for u in utterances])
        self.weights = _group_weights([u.group for u in utterances], self.lengths, balance)
        self.num_batches = num_batches
        self.batch_frames = batch_frames
        self.seed = seed
        self.start = start
        self.rank = rank

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
        drawn = [[(int(i), int(rng.integers(1 << 16))) for i in b] for b in batches]
        yield from map(self.rank.share, drawn[self.start : self.num_batches])


def _group_weights(
    groups: Sequence[str], lengths: NDArray[np.int64], balance: float
) -> NDArray[np.float64]:
    names, index = np.unique(groups, return_inverse=True)
    seconds = np.bincount(index, weights=lengths, minlength=len(names))
    weights = (seconds ** (balance - 1))[index].astype(np.float64)
    return weights / np.sum(weights)


def load_features(
    manifest: Path, cache: Path, tracker: str, segments: Sequence[UnitSource], workers: int = 2
) -> list[CachedUtterance]:
    """Features of a manifest's utterances, extracted on the first call and read on later ones.

    Utterances that fail are left out and named in ``failed.txt`` beside the cached features.

    Raises
    ------
    ConfigError
        If no utterance of the manifest can be used.
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
    work = partial(extract_utterance, tracker=tracker, segments=tuple(segments))
    what = f"features of {len(utterances)} utterances"
    done = in_workers(work, utterances, what=what, workers=workers, chunk=16)
    failed = [result for result in done if isinstance(result, str)]
    cached = [result for result in done if isinstance(result, CachedUtterance)]
    (folder / "failed.txt").write_text("".join(f"{line}\n" for line in failed), encoding="utf-8")
    if not cached:
        raise ConfigError(f"no utterance could be used; the reasons are in {folder / 'failed.txt'}")
    _write(folder, cached)


def extract_utterance(
    utterance: Utterance, tracker: str, segments: tuple[UnitSource, ...]
) -> CachedUtterance | str:
    """Features of an utterance, or what `or_reason` says."""
    return or_reason(_extract, utterance, tracker, segments)


def or_reason(
    work: Callable[..., Result], utterance: Utterance, *arguments: Any, **options: Any
) -> Result | str:
    """What a function gives of an utterance; where it fails, a line that names it and says why.

    Whatever fails: one utterance, or a defect that only it meets, does not end the work on a
    corpus. Errors of the call itself, which all utterances would share, are raised.
    """
    try:
        return work(utterance, *arguments, **options)
    except USAGE_ERRORS:
        raise
    except Exception as error:
        told = "" if isinstance(error, ProsodytokError) else f"{type(error).__name__}: "
        return f"{utterance.id}\t{told}{' '.join(str(error).split())}"


def _extract(
    utterance: Utterance, tracker: str, segments: tuple[UnitSource, ...]
) -> CachedUtterance:
    audio = utterance.load()
    prosody = extract(audio, tracker)
    hierarchies = tuple(_segment(utterance, audio, prosody, segments))
    group = (utterance.model_extra or {}).get("group") or utterance.audio.parent.name
    return CachedUtterance(utterance.id, str(group), prosody, hierarchies)


def _segment(
    utterance: Utterance, audio: Audio, prosody: Prosody, sources: tuple[UnitSource, ...]
) -> Iterator[Hierarchy]:
    """Every segmentation that is wanted and can be had; the acoustic one always can."""
    has = {
        "textgrid": bool(utterance.textgrid and utterance.words_tier),
        "transcript": utterance.language == "en" and bool(utterance.text),
    }
    usable = [source for source in sources if has.get(source, True)]
    for source in usable or ["acoustic"]:
        # A transcript that cannot be aligned costs its words, not the utterance.
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
    """Segmentations of an utterance as JSON holds them, without labels."""
    return [
        {
            "source": h.source,
            "words": h.words.boundaries.tolist(),
            "phrases": h.phrases.boundaries.tolist(),
        }
        for h in hierarchies
    ]


def hierarchies_from_dicts(dicts: Sequence[dict[str, Any]]) -> tuple[Hierarchy, ...]:
    """Read what `hierarchies_to_dicts` gave."""
    return tuple(
        Hierarchy(
            Segmentation.unlabelled(h["phrases"]), Segmentation.unlabelled(h["words"]), h["source"]
        )
        for h in dicts
    )
