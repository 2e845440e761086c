"""Writing a corpus' manifests with speakers of dev that are not in train."""

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

#: One line of a manifest (DESIGN.md, section 5); `audio` is a path as it is seen from here.
Row = dict[str, Any]


def write_manifests(
    out: Path, train: Iterable[Row], dev: Iterable[Row], parts: int = 1
) -> dict[str, int]:
    """Write ``dev.jsonl`` and ``train.jsonl``, or as many ``train-NNN.jsonl`` as there are parts.

    Rows are not kept in memory. Parts take them in turn, so that each is a sample of the corpus.

    Returns
    -------
    dict of str to int
        Utterances of ``dev`` and ``train``; of ``dropped``: of a speaker of dev in train; and of
        ``missing``: without their sound, in either.

    Raises
    ------
    ManifestError
        If one of both has no utterance.
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
        if _is_there(row["audio"]):
            yield row
        else:
            counts["missing"] += 1


@lru_cache(1 << 16)
def _is_there(sound: str) -> bool:
    return Path(sound).is_file()


def _line(row: Row, out: Path) -> str:
    sound = Path(row["audio"])
    audio = str(_way(sound.parent, out) / sound.name)
    return json.dumps(row | {"audio": audio}, ensure_ascii=False) + "\n"


@cache
def _way(folder: Path, out: Path) -> Path:
    # Of a link, ".." is the folder above the one that it leads to.
    return Path(os.path.relpath(folder.resolve(), out.resolve()))
