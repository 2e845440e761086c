"""Prepare the frames and events of labelled speech for the training of the boundary network.

    python recipes/boundaries/prepare.py .cache/boundaries/train.json .cache/boundaries/train \
        --copies 2
    python recipes/boundaries/prepare.py .cache/boundaries/dev.json .cache/boundaries/dev --copies 1

The first argument is the output of align_words.py. Copy 0 is the speech itself; the others are
changed (`training/changed_copies.py`) and measured anew. Nuclei are the middles of vowels. A phrase
starts after a pause of 0.2 s or punctuation; after a shorter pause the target is fractional.
"""

from __future__ import annotations

import argparse
import json
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from align_words import Labels
from numpy.typing import NDArray
from rich.progress import track

from prosodytok.features import extract
from prosodytok.features.mel import log_mel
from prosodytok.io.atomic import atomic_path, write_text
from prosodytok.io.sound import load
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.learned.inputs import relative_prosody, speech_level
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.training.changed_copies import change
from prosodytok.types import Audio, Register, Segmentation
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.units import samples_to_frames

#: First letters of vowels after stress marks: capitals of ARPAbet, small letters of IPA and others.
VOWELS = tuple("AEIOUaeiouyɑɔəɛɪœøʏʌ")  # noqa: RUF001
WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
PUNCTUATION = re.compile(r"[,;:.!?…—–]|\s-\s")  # noqa: RUF001
#: Range of log-mel re the speech level that is stored.
STORED = (-30.0, 15.0)
#: Other utterances that babble is made of.
BABBLE_FILES = 40

Events = dict[str, list]


def frames_of(audio: Audio, num_frames: int | None = None) -> NDArray[np.float16]:
    """Log-mel re the speech level, and prosody re the register: (T, INPUTS)."""
    # Octave errors are one more change that the network learns to ignore, and cost half the time.
    prosody = extract(audio, octave_correction=False)
    register = Register.estimate(prosody)
    samples = audio.resample(SAMPLE_RATE).samples
    mel = log_mel(samples, prosody.num_frames) - speech_level(register)
    rows = np.concatenate([mel.clip(*STORED), relative_prosody(prosody, register)], axis=1)
    num_frames = num_frames or len(rows)
    return np.pad(rows[:num_frames], [(0, num_frames - len(rows[:num_frames])), (0, 0)], "edge")


def prepare(labels: Labels, copy: int, voices: tuple[str, ...]) -> NDArray[np.float16]:
    """Frames (T, INPUTS) of a copy of an utterance."""
    torch.set_num_threads(1)
    audio = load(labels.audio)
    if copy == 0:
        return frames_of(audio).astype(np.float16)
    rng = np.random.default_rng([copy, *labels.id.encode()])
    others = [_voice(path) for path in rng.choice(voices, 8, replace=False)]
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
    return frames_of(change(audio, others, rng), num_frames).astype(np.float16)


@cache
def _voice(path: str) -> Audio:
    return load(path)


def events_of(labels: Labels, num_frames: int) -> Events:
    """Events of an utterance of T frames: times in frames, and what else each kind has.

    ``word``: edges. ``nucleus``: middles. ``phrase``: starts of words, each with the probability
    that it starts a phrase. ``pause``: starts and ends.
    """
    units = intervals_to_segmentation(labels.words, num_frames)
    middles = [50 * (s + e) for s, e, p in labels.phones if p.lstrip("ˈˌ'").startswith(VOWELS)]
    starts, probability = phrase_starts(units, labels.text)
    silent = [i for i, word in enumerate(units.labels) if word == ""]
    return {
        "word": units.boundaries[1:-1].tolist(),
        "nucleus": middles,
        "phrase": list(zip(starts.tolist(), probability.tolist(), strict=True)),
        "pause": [units.boundaries[i : i + 2].tolist() for i in silent],
    }


def phrase_starts(units: Segmentation, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Frames at which words start, and the probability that each starts a phrase, 0 to 1."""
    spoken = np.array([i for i, word in enumerate(units.labels) if word], dtype=np.int64)[1:]
    silent = np.array([word == "" for word in units.labels])
    pauses = np.where(silent, units.durations, 0)[spoken - 1]
    probability = np.minimum(pauses / PHRASE_PAUSE, 1)
    words = list(WORD.finditer(text))
    if len(words) == len(spoken) + 1:
        between = [text[a.end() : b.start()] for a, b in pairwise(words)]
        probability[[bool(PUNCTUATION.search(x)) for x in between]] = 1
    return units.boundaries[spoken], probability.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--copies", type=int, default=0, help="changed copies beside the speech")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    labels = [Labels(**x) for x in json.loads(options.labels.read_text(encoding="utf-8"))]
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(labels), min(BABBLE_FILES, len(labels)), replace=False)
    voices = tuple(labels[i].audio for i in chosen)
    for copy in range(options.copies + 1):
        lengths = []
        with (
            atomic_path(options.out / f"frames-{copy}.f16") as path,
            path.open("wb") as file,
            ProcessPoolExecutor(options.workers) as pool,
        ):
            results = pool.map(partial(prepare, copy=copy, voices=voices), labels, chunksize=8)
            for frames in track(results, f"copy {copy}", total=len(labels)):
                file.write(np.ascontiguousarray(frames, dtype=np.float16).tobytes())
                lengths.append(len(frames))
        if copy == 0:
            described = [
                {"group": x.group, "frames": length, "events": events_of(x, length)}
                for x, length in zip(labels, lengths, strict=True)
            ]
            write_text(options.out / "utterances.json", json.dumps(described))


if __name__ == "__main__":
    main()
