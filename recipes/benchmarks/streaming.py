"""How late tokens of a stream are, and how much of a core it takes.

    OMP_NUM_THREADS=1 python recipes/benchmarks/streaming.py ../shared/data/speech/dev.jsonl

Sound comes in chunks of 10 ms. A token's latency is the sound that had come when it was given, less
the end of its unit, and the time that giving it took: processor time, so that what else the machine
does is left out. Tokens that waited for the register, and those that `finish` gave, are told apart.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from prosodytok import ProsodyTokenizer, Register, StreamingTokenizer
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio

CHUNK_MS = 10
PERCENTILES = (50, 90, 95, 99, 100)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--checkpoint", default="stream")
    parser.add_argument("--rate", type=int, default=16_000, help="the microphone's")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    utterances = read_manifest(options.manifest)
    sounds = [load(u.audio) for u in utterances[:: max(1, len(utterances) // options.clips)]]
    sounds = [sound.resample(options.rate) for sound in sounds[: options.clips]]
    StreamingTokenizer(options.rate, tokenizer).push(sounds[0].samples)  # first-call set-up
    for name, register in (("register guessed", None), ("register given", Register())):
        late: dict[str, list[float]] = defaultdict(list)
        spent = sum(_listen(tokenizer, sound, register, late) for sound in sounds)
        seconds = sum(sound.duration for sound in sounds)
        print(f"\n{name}: {len(sounds)} clips, {seconds:.0f} s, {spent / seconds:.3f} of a core")
        print("| ms | tokens | " + " | ".join(f"{p} %" for p in PERCENTILES) + " |")
        print("| --- " * (2 + len(PERCENTILES)) + "|")
        for row, values in late.items():
            cells = [f"{1000 * v:.0f}" for v in np.percentile(values, PERCENTILES)]
            print(f"| {row} | {len(values)} | " + " | ".join(cells) + " |")


def _listen(
    tokenizer: ProsodyTokenizer,
    sound: Audio,
    register: Register | None,
    late: dict[str, list[float]],
) -> float:
    """Stream a sound; give the processor time, and add each token's latency to `late` (s)."""
    stream = StreamingTokenizer(sound.sample_rate, tokenizer, register)
    total = 0.0
    for index in range(math.ceil(sound.duration * 1000 / CHUNK_MS)):
        # At 22 050 Hz, 10 ms are 220 samples or 221 by turns.
        start, end = (i * sound.sample_rate * CHUNK_MS // 1000 for i in (index, index + 1))
        chunk = sound.samples[start:end]
        known = stream.register is not None
        begin = time.process_time()
        said = stream.push(chunk)
        spent = time.process_time() - begin
        total += spent
        heard = (start + chunk.size) / sound.sample_rate
        waited = "" if known else ", after the wait"
        for token in said:
            late[token.level + waited].append(heard - token.end + spent)
        if said and known:
            late["computing a push that gives tokens"].append(spent)
    begin = time.process_time()
    stream.finish()
    return total + time.process_time() - begin


if __name__ == "__main__":
    main()
