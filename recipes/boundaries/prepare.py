"""Prepare the inputs and targets of the boundary network from labelled speech.

    python recipes/boundaries/prepare.py .cache/boundaries/train.json .cache/boundaries/train
    python recipes/boundaries/prepare.py .cache/boundaries/dev.json .cache/boundaries/dev

The first argument is the output of align_words.py. Nuclei are the middles of vowels. A phrase
starts after a pause of 0.2 s or punctuation; after a shorter pause the target is fractional.
"""

from __future__ import annotations

import argparse
import json
import re
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from align_words import Labels
from numpy.typing import NDArray
from rich.progress import track

from prosodytok.features import extract
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.sound import load
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.learned.network import boundary_features
from prosodytok.segmentation.learned.unit_search import EVENTS, STEP
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.types import Segmentation

#: First letters of vowels after stress marks: capitals of ARPAbet, small letters of IPA and others.
VOWELS = tuple("AEIOUaeiouyɑɔəɛɪœøʏʌ")  # noqa: RUF001
WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
PUNCTUATION = re.compile(r"[,;:.!?…—–]|\s-\s")  # noqa: RUF001
#: Target of the steps next to an event: annotators differ by more than 20 ms.
NEIGHBOUR = 0.5

Floats = NDArray[np.float32]


def prepare(labels: Labels) -> tuple[NDArray[np.float16], Floats]:
    """Features (S, INPUTS) and targets (S, EVENTS) of an utterance."""
    torch.set_num_threads(1)
    audio = load(labels.audio)
    prosody = extract(audio)
    features = boundary_features(audio, prosody)
    return features.astype(np.float16), targets(labels, prosody.num_frames)


def targets(labels: Labels, num_frames: int) -> Floats:
    """Targets (S, EVENTS) of an utterance of T frames; S is T / 2, rounded up."""
    units = intervals_to_segmentation(labels.words, num_frames)
    events = np.zeros((-(-num_frames // STEP), len(EVENTS)), dtype=np.float32)
    column = {name: events[:, EVENTS.index(name)] for name in EVENTS}
    edges = units.boundaries[1:-1]
    _mark(column["word"], edges, np.ones(edges.size))
    middles = [50 * (s + e) for s, e, p in labels.phones if p.lstrip("ˈˌ'").startswith(VOWELS)]
    _mark(column["nucleus"], np.array(middles) - STEP / 2, np.ones(len(middles)))
    _mark(column["phrase"], *phrase_starts(units, labels.text))
    silent = np.repeat([word == "" for word in units.labels], units.durations)
    column["pause"][:] = silent[np.minimum(np.arange(len(events)) * STEP + 1, num_frames - 1)]
    return events


def phrase_starts(units: Segmentation, text: str) -> tuple[NDArray[np.int64], Floats]:
    """Frames at which words start, and the probability that each starts a phrase, 0 to 1."""
    spoken = np.array([i for i, word in enumerate(units.labels) if word])[1:]
    silent = np.array([word == "" for word in units.labels])
    pauses = np.where(silent, units.durations, 0)[spoken - 1]
    probability = np.minimum(pauses / PHRASE_PAUSE, 1)
    words = list(WORD.finditer(text))
    if len(words) == len(spoken) + 1:
        between = [text[a.end() : b.start()] for a, b in pairwise(words)]
        probability[[bool(PUNCTUATION.search(x)) for x in between]] = 1
    return units.boundaries[spoken], probability.astype(np.float32)


def _mark(column: Floats, frames: NDArray, values: NDArray) -> None:
    """Mark the steps nearest to these frames, and their neighbours with a lower value."""
    steps = np.rint(frames / STEP).astype(int)
    for shift, part in ((-1, NEIGHBOUR), (1, NEIGHBOUR), (0, 1.0)):
        inside = (steps + shift >= 0) & (steps + shift < len(column))
        np.maximum.at(column, steps[inside] + shift, (part * values[inside]).astype(np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    labels = [Labels(**x) for x in json.loads(options.labels.read_text(encoding="utf-8"))]
    steps, targets_of_all = [], []
    with (
        atomic_path(options.out / "features.f16") as path,
        path.open("wb") as file,
        ProcessPoolExecutor(options.workers) as pool,
    ):
        results = pool.map(prepare, labels, chunksize=8)
        for features, events in track(results, "preparing", total=len(labels)):
            file.write(features.tobytes())
            steps.append(len(features))
            targets_of_all.append(events)
    with atomic_path(options.out / "targets.npz") as path:
        np.savez(path, targets=np.concatenate(targets_of_all), steps=steps)
    write_text(options.out / "groups.json", json.dumps([x.group for x in labels]))


if __name__ == "__main__":
    main()
