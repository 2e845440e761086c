"""Time from process start to end of the command line, as ratios to `import torch` in the same run.

    OMP_NUM_THREADS=2 python recipes/benchmarks/speed_of_startup.py

The sound is the first three seconds of a bundled recording. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from prosodytok import load
from prosodytok.samples import sample_manifest


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        sound, tokens = Path(folder, "three-seconds.wav"), Path(folder, "tokens.jsonl")
        load(sample_manifest().parent / "austen-0870.flac", duration=3.0).write(sound)
        read = f"from prosodytok import read_tokens; read_tokens({str(tokens)!r})"
        tokenize = ["tokenize", str(sound), "--segments", "acoustic", "--out", str(tokens)]
        runs = {
            "import torch": ["-c", "import torch"],
            "tokenize 3 s": ["-m", "prosodytok", *tokenize],
            "--help": ["-m", "prosodytok", "--help"],
            "read_tokens": ["-c", read],
        }
        seconds = {name: measure(arguments, rounds) for name, arguments in runs.items()}
    print("| | s | of `import torch` |")
    print("| --- | --- | --- |")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} | {value / seconds['import torch']:.2f} |")


def measure(arguments: list[str], rounds: int) -> float:
    """Median wall time of a Python process (s), after a first one that fills the disk cache."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return median(times[1:])


if __name__ == "__main__":
    main()
