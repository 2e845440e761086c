"""What the boundary network hears of labelled speech, and what it is to tell.

    python recipes/boundaries/prepare.py .cache/boundaries/train.json .cache/boundaries/train
    python recipes/boundaries/prepare.py .cache/boundaries/dev.json .cache/boundaries/dev

The first file is what label.py wrote. Nuclei are the middles of vowels. A phrase begins after a
pause of 0.2 s and after a comma or the like; after a shorter pause it does in part.
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
from label import Labels
from numpy.typing import NDArray
from rich.progress import track

from prosodytok.features import extract
from prosodytok.io.sound import load
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.learned.network import boundary_features
from prosodytok.segmentation.learned.unit_search import EVENTS, STEP
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.types import Segmentation

#: First letters of vowels, after stress marks: ARPAbet's are capital, IPA's and the others' small.
VOWELS = tuple("AEIOUaeiouyɑɔəɛɪœøʏʌ")  # noqa: RUF001
WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
PUNCTUATION = re.compile(r"[,;:.!?…—–]|\s-\s")  # noqa: RUF001
#: What a step beside the one where something begins is told: annotators differ by more than 20 ms.
BESIDE = 0.5

Floats = NDArray[np.float32]


def prepare(labels: Labels) -> tuple[NDArray[np.float16], Floats]:
    """Features (S, INPUTS) and targets (S, EVENTS) of an utterance."""
    torch.set_num_threads(1)
    audio = load(labels.audio)
    prosody = extract(audio)
    heard = boundary_features(audio, prosody)
    return heard.astype(np.float16), targets(labels, prosody.num_frames)


def targets(labels: Labels, num_frames: int) -> Floats:
    """Targets (S, EVENTS) of an utterance of T frames; S is T / 2, rounded up."""
    units = intervals_to_segmentation(labels.words, num_frames)
    told = np.zeros((-(-num_frames // STEP), len(EVENTS)), dtype=np.float32)
    column = {name: told[:, EVENTS.index(name)] for name in EVENTS}
    edges = units.boundaries[1:-1]
    _mark(column["word"], edges, np.ones(edges.size))
    middles = [50 * (s + e) for s, e, p in labels.phones if p.lstrip("ˈˌ'").startswith(VOWELS)]
    _mark(column["nucleus"], np.array(middles) - STEP / 2, np.ones(len(middles)))
    _mark(column["phrase"], *phrase_starts(units, labels.text))
    silent = np.repeat([word == "" for word in units.labels], units.durations)
    column["pause"][:] = silent[np.minimum(np.arange(len(told)) * STEP + 1, num_frames - 1)]
    return told


def phrase_starts(units: Segmentation, text: str) -> tuple[NDArray[np.int64], Floats]:
    """Frames at which words begin, and how surely each begins a phrase: 0 to 1."""
    spoken = np.array([i for i, word in enumerate(units.labels) if word])[1:]
    silent = np.array([word == "" for word in units.labels])
    pauses = np.where(silent, units.durations, 0)[spoken - 1]
    sure = np.minimum(pauses / PHRASE_PAUSE, 1)
    said = list(WORD.finditer(text))
    if len(said) == len(spoken) + 1:
        between = [text[a.end() : b.start()] for a, b in pairwise(said)]
        sure[[bool(PUNCTUATION.search(x)) for x in between]] = 1
    return units.boundaries[spoken], sure.astype(np.float32)


def _mark(column: Floats, frames: NDArray, values: NDArray) -> None:
    """Tell the steps nearest to these frames, and those beside them in part."""
    steps = np.rint(frames / STEP).astype(int)
    for shift, part in ((-1, BESIDE), (1, BESIDE), (0, 1.0)):
        inside = (steps + shift >= 0) & (steps + shift < len(column))
        np.maximum.at(column, steps[inside] + shift, (part * values[inside]).astype(np.float32))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    labels = [Labels(**x) for x in json.loads(options.labels.read_text(encoding="utf-8"))]
    steps, told = [], []
    with (
        (options.out / "features.f16").open("wb") as features,
        ProcessPoolExecutor(options.workers) as pool,
    ):
        results = pool.map(prepare, labels, chunksize=8)
        for heard, target in track(results, "preparing", total=len(labels)):
            features.write(heard.tobytes())
            steps.append(len(heard))
            told.append(target)
    np.savez(options.out / "targets.npz", targets=np.concatenate(told), steps=steps)
    (options.out / "groups.json").write_text(json.dumps([x.group for x in labels]))


if __name__ == "__main__":
    main()
