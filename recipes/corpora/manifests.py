"""Write the manifests of a corpus with disjoint speakers of train and dev."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from prosodytok.io.atomic import atomic_path
from prosodytok.types.errors import ManifestError

#: One line of a manifest (`prosodytok.io.manifest`); `audio` is relative to the working directory.
Row = dict[str, Any]


def write_manifests(
    out: Path, train: Iterable[Row], dev: Iterable[Row], parts: int = 1
) -> dict[str, int]:
    """Write ``dev.jsonl`` and ``train.jsonl``, or several ``train-NNN.jsonl``.

    Rows are streamed. They are distributed over the parts in rotation, so that each part is a
    sample of the corpus. Returns the number of utterances of ``dev`` and ``train``, of train
    utterances ``dropped`` because of a dev speaker, and of utterances with a ``missing`` sound.
    Raises `ManifestError` if train or dev is empty.
    """
    counts = {"dev": 0, "train": 0, "dropped": 0, "missing": 0}
    held_out = set()
    names = [f"train-{n:03d}.jsonl" for n in range(parts)] if parts > 1 else ["train.jsonl"]
    with ExitStack() as stack:
        dev_path, *train_paths = (
            stack.enter_context(atomic_path(out / name)) for name in ("dev.jsonl", *names)
        )
        with dev_path.open("w", encoding="utf-8") as file:
            for row in _with_sound(dev, counts):
                held_out.add(row["speaker"])
                file.write(_line(row, out))
                counts["dev"] += 1
        files = [stack.enter_context(path.open("w", encoding="utf-8")) for path in train_paths]
        for row in _with_sound(train, counts):
            if row["speaker"] in held_out:
                counts["dropped"] += 1
                continue
            files[counts["train"] % parts].write(_line(row, out))
            counts["train"] += 1
        for part in ("dev", "train"):
            if not counts[part]:
                raise ManifestError(f"no utterance for {part}: are the corpus and its parts right?")
    return counts


def _with_sound(rows: Iterable[Row], counts: dict[str, int]) -> Iterator[Row]:
    for row in rows:
        if _exists(row["audio"]):
            yield row
        else:
            counts["missing"] += 1


@lru_cache(1 << 16)
def _exists(sound: str) -> bool:
    return Path(sound).is_file()


def _line(row: Row, out: Path) -> str:
    sound = Path(row["audio"])
    audio = str(_relative_path(sound.parent, out) / sound.name)
    return json.dumps(row | {"audio": audio}, ensure_ascii=False) + "\n"


@cache
def _relative_path(folder: Path, out: Path) -> Path:
    # ".." of a symbolic link is the parent of its target.
    return Path(os.path.relpath(folder.resolve(), out.resolve()))
