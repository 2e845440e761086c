"""Profile of `tokenize` by function.

    OMP_NUM_THREADS=1 python recipes/benchmarks/profile_tokenize.py ../shared/data/speech/dev.jsonl

Prints the functions with the largest own time (without callees) in per cent of the total; C
functions appear if they are called from Python.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from pathlib import Path
from typing import get_args

import torch
from benchmark_tools import choose_clips

from prosodytok import ProsodyTokenizer
from prosodytok.corpus import Recording, encode_all, prepare
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import FoundSource


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--functions", type=int, default=16)
    parser.add_argument("--checkpoint", default="base")
    parser.add_argument("--segments", choices=get_args(FoundSource), default="acoustic")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = ProsodyTokenizer.from_pretrained(options.checkpoint)
    files = choose_clips(options.manifest, options.clips)
    recordings = [Recording(path.stem, path, UnitSpec(options.segments)) for path in files]
    profile(tokenizer, recordings[:1])  # imports and first-call set-up
    stats = profile(tokenizer, recordings)
    print(f"{len(recordings)} clips: {stats.total_tt:.1f} s, including the profiler")
    print("| % | calls | function |")
    print("| --- | --- | --- |")
    # Each value: primitive calls, all calls, own time, and more.
    functions = sorted(stats.stats.items(), key=lambda item: -item[1][2])
    for (file, _, name), (_, calls, own, *_) in functions[: options.functions]:
        place = "" if file == "~" else f" ({'/'.join(Path(file).parts[-2:])})"
        print(f"| {own / stats.total_tt:.1%} | {calls} | `{name}`{place} |")


def profile(tokenizer: ProsodyTokenizer, recordings: list[Recording]) -> pstats.Stats:
    """Tokenize under Python's profiler, like the command."""
    profiler = cProfile.Profile()
    with profiler:
        for _ in encode_all(tokenizer, (prepare(tokenizer, recording) for recording in recordings)):
            pass
    return pstats.Stats(profiler)


if __name__ == "__main__":
    main()
