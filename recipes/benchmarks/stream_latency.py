"""Latency of stream tokens, and the processor load.

    OMP_NUM_THREADS=1 python recipes/benchmarks/stream_latency.py ../shared/data/speech/dev.jsonl

Sound arrives in chunks of 10 ms. The latency of a token is the duration of the audio consumed
before its emission, minus the end of its unit, plus the computing time: processor time, so that
other load on the machine does not count. Tokens that waited for the register are listed apart;
those of `finish` are left out.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from benchmark_tools import choose_clips

from prosodytok import ProsodyTokenizer, Register, StreamingTokenizer
from prosodytok.io.sound import load
from prosodytok.types.audio import Audio

CHUNK_MS = 10
PERCENTILES = (50, 90, 95, 99, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--checkpoint", default="stream")
    parser.add_argument("--rate", type=int, default=16_000, help="sample rate (Hz)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    files = choose_clips(options.manifest, options.clips)
    sounds = [load(path).resample(options.rate) for path in files]
    StreamingTokenizer(options.rate, tokenizer).push(sounds[0].samples)  # first-call set-up
    for name, register in (("register guessed", None), ("register given", Register())):
        latencies: dict[str, list[float]] = defaultdict(list)
        spent = sum(_stream(tokenizer, sound, register, latencies) for sound in sounds)
        seconds = sum(sound.duration for sound in sounds)
        print(f"\n{name}: {len(sounds)} clips, {seconds:.0f} s, {spent / seconds:.3f} of a core")
        print("| ms | tokens | " + " | ".join(f"{p} %" for p in PERCENTILES) + " |")
        print("| --- " * (2 + len(PERCENTILES)) + "|")
        for row, values in latencies.items():
            cells = [f"{1000 * v:.0f}" for v in np.percentile(values, PERCENTILES)]
            print(f"| {row} | {len(values)} | " + " | ".join(cells) + " |")


def _stream(
    tokenizer: ProsodyTokenizer,
    sound: Audio,
    register: Register | None,
    latencies: dict[str, list[float]],
) -> float:
    """Stream a sound; return the processor time (s), and add latencies (s) to `latencies`."""
    stream = StreamingTokenizer(sound.sample_rate, tokenizer, register)
    total = 0.0
    for index in range(math.ceil(sound.duration * 1000 / CHUNK_MS)):
        # At 22 050 Hz, chunks of 10 ms alternate between 220 and 221 samples.
        start, end = (i * sound.sample_rate * CHUNK_MS // 1000 for i in (index, index + 1))
        chunk = sound.samples[start:end]
        has_register = stream.register is not None
        begin = time.process_time()
        tokens = stream.push(chunk)
        spent = time.process_time() - begin
        total += spent
        consumed = (start + chunk.size) / sound.sample_rate
        suffix = "" if has_register else ", after waiting for the register"
        for token in tokens:
            latencies[token.level + suffix].append(consumed - token.end + spent)
        if tokens and has_register:
            latencies["computing a push that emits tokens"].append(spent)
    begin = time.process_time()
    stream.finish()
    return total + time.process_time() - begin


if __name__ == "__main__":
    main()
