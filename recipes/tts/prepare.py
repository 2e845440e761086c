"""Prepare the training and test data of the acoustic model.

    python recipes/tts/prepare.py ../shared/data/speech .cache/tts

For one voice: phones and words by PocketSphinx; log-mel, F0, voicing and energy at 100 Hz; and
tokens of the aligned words in one register of the speaker. Training sentences with the text of a
dev sentence are left out: the speaker read some sentences twice.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from data import Sentence
from rich.progress import track
from sentence_files import write

from prosodytok import ProsodyTokenizer, Register, load
from prosodytok.features import extract
from prosodytok.features.mel import log_mel
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.segmentation import align
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.letter_to_sound import split_words
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types.audio import SAMPLE_RATE
from prosodytok.types.errors import ProsodytokError

#: Floor of log-mel (natural logarithm of power).
MEL_FLOOR = -14.0


def measure(utterance: Utterance) -> Sentence | None:
    """Align and measure a sentence; None if its transcript cannot be aligned."""
    torch.set_num_threads(1)
    audio = load(utterance.audio)
    try:
        alignment = align(audio, utterance.text or "")
    except ProsodytokError:
        return None
    prosody = extract(audio)
    hierarchy = phrases_by_pauses(
        intervals_to_segmentation(alignment.words, prosody.num_frames), "transcript"
    )
    mel = log_mel(audio.resample(SAMPLE_RATE).samples, prosody.num_frames)
    return Sentence(
        utterance.id,
        utterance.audio,
        intervals_to_segmentation(alignment.phones, prosody.num_frames),
        hierarchy,
        np.maximum(mel, MEL_FLOOR).astype(np.float16),
        prosody,
    )


def with_tokens(sentence: Sentence, register: Register) -> Sentence:
    torch.set_num_threads(1)
    sentence.tokens = tokenizer().encode(sentence.prosody, sentence.hierarchy, register=register)
    return sentence


@cache
def tokenizer() -> ProsodyTokenizer:
    """Loaded once in each process."""
    return ProsodyTokenizer.from_pretrained()


def split(speech: Path, speaker: str) -> tuple[list[Utterance], list[Utterance]]:
    """Train and dev utterances of a speaker; no sentence of dev occurs in train."""
    train, dev = (
        [u for u in read_manifest(speech / f"{part}.jsonl") if u.speaker == speaker]
        for part in ("train", "dev")
    )
    held_out = {wording(u) for u in dev}
    return [u for u in train if wording(u) not in held_out], dev


def wording(utterance: Utterance) -> str:
    return " ".join(split_words(utterance.text or "")).lower()


def measure_all(pool: ProcessPoolExecutor, utterances: Sequence[Utterance]) -> list[Sentence]:
    results = track(pool.map(measure, utterances, chunksize=8), "measuring", len(utterances))
    return [sentence for sentence in results if sentence is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("out", type=Path)
    parser.add_argument("--speaker", default="kathleen")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    train, dev = split(arguments.speech, arguments.speaker)
    with ProcessPoolExecutor(2) as pool:
        measured = {"train": measure_all(pool, train), "dev": measure_all(pool, dev)}
        register = Register.estimate(*(s.prosody for s in measured["train"]))
        for part, sentences in measured.items():
            work = pool.map(partial(with_tokens, register=register), sentences, chunksize=8)
            done = list(track(work, f"tokens of {part}", len(sentences)))
            write(arguments.out, part, done)
            print(f"{part}: {len(done)} sentences of {len({'train': train, 'dev': dev}[part])}")


if __name__ == "__main__":
    main()
