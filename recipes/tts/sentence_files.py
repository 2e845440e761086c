"""Files of prepared sentences: ``PART.jsonl`` of metadata, ``PART.safetensors`` of arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from data import Sentence
from safetensors.numpy import load_file, save_file

from prosodytok import Hierarchy, Prosody
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.token_record import from_dict, to_dict
from prosodytok.types import Segmentation


def write(folder: Path, part: str, sentences: Sequence[Sentence]) -> None:
    lines = [json.dumps(_metadata(sentence), ensure_ascii=False) + "\n" for sentence in sentences]
    write_text(folder / f"{part}.jsonl", "".join(lines))
    arrays = {
        "mel": np.concatenate([s.mel for s in sentences]),
        "f0": np.concatenate([s.prosody.f0 for s in sentences]),
        "voiced": np.concatenate([s.prosody.voiced for s in sentences]),
        "energy": np.concatenate([s.prosody.energy for s in sentences]),
    }
    with atomic_path(folder / f"{part}.safetensors") as path:
        save_file(arrays, path)


def read(folder: Path, part: str) -> list[Sentence]:
    arrays = load_file(folder / f"{part}.safetensors")
    sentences, start = [], 0
    for line in (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines():
        metadata = json.loads(line)
        phones, phrases, words = (_units(metadata[name]) for name in ("phones", "phrases", "words"))
        own = slice(start, start := start + phones.num_frames)
        sentences.append(
            Sentence(
                metadata["id"],
                Path(metadata["audio"]),
                phones,
                Hierarchy(phrases, words, metadata["source"]),
                arrays["mel"][own],
                Prosody(arrays["f0"][own], arrays["voiced"][own], arrays["energy"][own]),
                from_dict(metadata["tokens"]) if metadata["tokens"] else None,
            )
        )
    return sentences


def _metadata(sentence: Sentence) -> dict[str, Any]:
    units = {
        "phones": sentence.phones,
        "phrases": sentence.hierarchy.phrases,
        "words": sentence.hierarchy.words,
    }
    return {
        "id": sentence.id,
        "audio": str(sentence.audio),
        "source": sentence.hierarchy.source,
        **{n: {"boundaries": u.boundaries.tolist(), "labels": u.labels} for n, u in units.items()},
        "tokens": to_dict(sentence.tokens) if sentence.tokens else None,
    }


def _units(record: dict[str, Any]) -> Segmentation:
    return Segmentation(record["boundaries"], tuple(record["labels"]))
