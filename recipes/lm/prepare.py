"""Tokenize transcribed speech for the training and evaluation of the language model.

    python recipes/boundaries/align_words.py SPEECH/train.jsonl .cache/boundaries/train.json
    python recipes/boundaries/align_words.py SPEECH/dev.jsonl .cache/boundaries/dev.json
    python recipes/lm/prepare.py .cache/boundaries/train.json .cache/lm/train.jsonl
    python recipes/lm/prepare.py .cache/boundaries/dev.json .cache/lm/dev.jsonl

Words come from the alignments of recipes/boundaries, phrases from the pauses between them, codes
from the tokenizer `base-2` without search. Word labels are written with their punctuation.
Utterances with a transcript that does not match the alignment are dropped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

from prosodytok import ProsodyTokenizer, write_tokens
from prosodytok.features import extract
from prosodytok.io.sound import load
from prosodytok.lm.spelling import split_text
from prosodytok.nn.batch import Example
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import ProsodytokError

AT_ONCE = 16  # utterances


def example(label: dict, tokenizer: ProsodyTokenizer) -> Example | None:
    """An utterance with its words, or None if text and alignment differ."""
    try:
        words = split_text(label["text"])
        if len(words) != len(label["words"]):
            return None
        prosody = extract(load(label["audio"]))
        times = [(s, e, w) for (s, e, _), w in zip(label["words"], words, strict=True)]
        hierarchy = phrases_by_pauses(
            intervals_to_segmentation(times, prosody.num_frames), "transcript"
        )
        return tokenizer.example(prosody, hierarchy)
    except ProsodytokError:
        return None


def encode(labels: list[dict]) -> list[ProsodyTokens]:
    """Tokens of the usable ones of some utterances."""
    torch.set_num_threads(1)
    tokenizer = ProsodyTokenizer.from_pretrained("base-2", search=False)
    found = [(label["id"], example(label, tokenizer)) for label in labels]
    usable = [(name, x) for name, x in found if x is not None]
    encoded = tokenizer.encode_batch([x for _, x in usable]) if usable else []
    return [replace(t, id=name) for (name, _), t in zip(usable, encoded, strict=True)]


def prepare(labels: list[dict], workers: int) -> Iterator[ProsodyTokens]:
    """Tokens of all usable utterances, in order."""
    chunks = [labels[i : i + AT_ONCE] for i in range(0, len(labels), AT_ONCE)]
    with ProcessPoolExecutor(workers) as pool:
        for chunk in pool.map(encode, chunks):
            yield from chunk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    labels = json.loads(options.labels.read_text(encoding="utf-8"))
    write_tokens(options.out, prepare(labels, options.workers))
    kept = sum(1 for _ in options.out.open(encoding="utf-8"))
    print(f"{kept} of {len(labels)} utterances")


if __name__ == "__main__":
    main()
