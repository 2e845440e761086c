"""ONNX against torch on one thread: encoding, decoding, start-up time and memory.

    prosodytok export-onnx base --out base-onnx
    OMP_NUM_THREADS=1 python recipes/benchmarks/onnx_speed.py base base-onnx --sounds clips/

Prints the ratio of processor times, torch / ONNX, of alternating runs: above 1, ONNX is faster.
Then the time and peak memory of a process that tokenizes one sound, with either.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prosodytok import ProsodyTokenizer
from prosodytok.samples import sample_manifest

START = """
import re, time
start = time.process_time()
{load}
loaded = time.process_time() - start
tokenizer.encode(tokenizer.extract({sound!r}))
done = time.process_time() - start
print(loaded, done, re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
TORCH = "from prosodytok import ProsodyTokenizer as T; tokenizer = T.from_pretrained({!r})"
ONNX = "from prosodytok import ProsodyTokenizer as T; tokenizer = T.from_onnx({!r})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("folder")
    parser.add_argument("--sounds", type=Path, default=sample_manifest().parent)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    sounds = sorted(p for p in options.sounds.iterdir() if p.suffix in (".flac", ".wav", ".opus"))
    for search in (False, True):
        torch_tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint, search=search)
        onnx_tokenizer = ProsodyTokenizer.from_onnx(options.folder, search=search)
        pair = torch_tokenizer, onnx_tokenizer
        examples = [torch_tokenizer.example(torch_tokenizer.extract(sound)) for sound in sounds]
        tokens = [torch_tokenizer.encode_batch([example])[0] for example in examples]

        def encode(tokenizer: ProsodyTokenizer, examples: Any = examples) -> None:
            for example in examples:
                tokenizer.encode_batch([example])

        compare(f"encode, search={search}", encode, *pair, options.rounds)
    compare("decode", lambda t: [t.decode(x) for x in tokens], *pair, options.rounds)
    for name, load in (("torch", TORCH), ("ONNX", ONNX)):
        source = options.checkpoint if load is TORCH else options.folder
        code = START.format(load=load.format(source), sound=str(sounds[0]))
        process = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
        loaded, whole, kilobytes = map(float, process.stdout.split())
        print(f"{name}: loaded in {loaded:.2f} s, done in {whole:.2f} s, {kilobytes / 1024:.0f} MB")


def compare(
    name: str,
    work: Callable[[ProsodyTokenizer], object],
    a: ProsodyTokenizer,
    b: ProsodyTokenizer,
    rounds: int,
) -> None:
    """Print the processor time of `work` with a and with b: medians of alternating rounds."""
    spent = np.zeros((rounds + 1, 2))
    for row in spent:  # the first round is a warm-up
        for column, tokenizer in enumerate((a, b)):
            start = time.process_time()
            work(tokenizer)
            row[column] = time.process_time() - start
    torch_s, onnx_s = np.median(spent[1:], axis=0)
    ratios = spent[1:, 0] / spent[1:, 1]
    print(
        f"{name}: torch {torch_s:.3f} s, ONNX {onnx_s:.3f} s, ratio {np.median(ratios):.2f} "
        f"({ratios.min():.2f} to {ratios.max():.2f})"
    )


if __name__ == "__main__":
    main()
