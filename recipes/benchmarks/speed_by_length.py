"""Time and peak memory of `prosodytok tokenize` and `decode` against the duration of one sound.

    OMP_NUM_THREADS=1 python recipes/benchmarks/speed_by_length.py ../shared/data/speech/dev.jsonl

Clips are joined, with pauses of 0.3 to 1.5 s and repeated as needed, into one temporary FLAC for
each duration. Every command is a process of its own: memory is its largest resident set, time its
processor time, start and imports included.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmark_tools import run_prosodytok, write_joined

from prosodytok.io.manifest import read_manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60, 180])
    parser.add_argument("--segments", default="acoustic")
    options = parser.parse_args()
    files = [utterance.audio for utterance in read_manifest(options.manifest)]
    print("| minutes | tokenize, s | x real time | MB | decode, s | x real time | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for minutes in options.minutes:
        with tempfile.TemporaryDirectory() as folder:
            sound, tokens = Path(folder, "long.flac"), Path(folder, "tokens.jsonl")
            write_joined(files, minutes * 60, sound)
            segments = ("--segments", options.segments)
            cells = [f"{minutes:g}"]
            for command in (
                ("tokenize", str(sound), *segments, "--out", str(tokens)),
                ("decode", str(tokens), "--out", folder),
            ):
                seconds, _, megabytes = run_prosodytok(*command)
                cells += [f"{seconds:.1f}", f"{minutes * 60 / seconds:.0f}", f"{megabytes:.0f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
