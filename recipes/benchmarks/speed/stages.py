"""How much faster than real time `tokenize` is on one core: load, track, segment, encode, write.

    OMP_NUM_THREADS=1 python recipes/benchmarks/speed/stages.py ../shared/data/speech/dev.jsonl

Prints the ratio of speech to processor time, model load and imports apart, and each step's share.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from prosodytok import ProsodyTokenizer, write_tokens
from prosodytok.audio import load
from prosodytok.corpus import Source, encode_all
from prosodytok.features import get_tracker, measure_energy
from prosodytok.manifest import read_manifest
from prosodytok.segmentation import segment_acoustic
from prosodytok.segmentation.learned import segment_learned

Result = TypeVar("Result")

#: Utterances decoded at once, as `prosodytok decode` does.
BATCH = 64


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--checkpoint", default="base")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    utterances = read_manifest(options.manifest)
    files = [u.audio for u in utterances[:: max(1, len(utterances) // options.clips)]]
    files = files[: options.clips]
    tokenizer.encode(tokenizer.extract(files[0]))  # imports and first-call set-up

    spent: dict[str, float] = defaultdict(float)

    def timed(step: str, work: Callable[..., Result], *args: object) -> Result:
        start = time.process_time()
        result = work(*args)
        spent[step] += time.process_time() - start
        return result

    prepared, speech = [], 0.0
    for file in files:
        audio = timed("load", load, file)
        prosody = timed("extract", tokenizer.extract, audio)
        hierarchy = timed("segment", segment_acoustic, prosody)
        example = timed("encode", tokenizer.example, prosody, hierarchy)
        prepared.append((Source(file.stem, file), example))
        speech += audio.duration
    tokens = timed("encode", list, encode_all(tokenizer, prepared))  # as `prosodytok tokenize` does
    alone = time.process_time()
    for _, example in prepared:
        tokenizer.encode_batch([example])
    alone = time.process_time() - alone
    with tempfile.TemporaryDirectory() as folder:
        timed("write", write_tokens, Path(folder, "tokens.jsonl"), tokens)
    start = time.process_time()
    for first in range(0, len(tokens), BATCH):
        tokenizer.decode_batch(tokens[first : first + BATCH])
    decoding = time.process_time() - start
    total = sum(spent.values())
    print(f"{len(files)} clips, {speech:.0f} s of speech: {speech / total:.0f} times real time")
    print(", ".join(f"{step} {seconds / total:.0%}" for step, seconds in spent.items()))
    print(f"encode one by one: {speech / alone:.0f} times real time, together: ", end="")
    print(f"{speech / spent['encode']:.0f}")
    print(f"decode: {speech / decoding:.0f} times real time")
    segment_learned(load(files[0]), tokenizer.extract(files[0]))  # loads its weights
    sounds = [(audio, tokenizer.extract(audio)) for audio in map(load, files)]
    start = time.process_time()
    for audio, prosody in sounds:
        segment_learned(audio, prosody)
    print(f"segment by the boundary model: RTF {(time.process_time() - start) / speech:.4f}")
    trackers = {name: 0.0 for name in ("praat", "world", "swift-f0")}
    for name in trackers:
        track = get_tracker(name)
        track(load(files[0]))
        for file in files[:20]:
            audio = load(file)
            start = time.process_time()
            track(audio)
            trackers[name] += (time.process_time() - start) / audio.duration / 20
    audio = load(files[0])
    start = time.process_time()
    measure_energy(audio)
    trackers["energy"] = (time.process_time() - start) / audio.duration
    print("RTF: " + ", ".join(f"{name} {rtf:.4f}" for name, rtf in trackers.items()))


if __name__ == "__main__":
    main()
