"""Time and peak memory of `prosodytok tokenize` and `decode` against the length of one sound.

    OMP_NUM_THREADS=1 python recipes/benchmarks/speed/length.py ../shared/data/speech/dev.jsonl

Clips are joined, with pauses of 0.3 to 1.5 s between them and again from the first when all are
used, into one temporary FLAC for each length. Every command is a process of its own: its memory is
the largest resident set that the kernel saw, its time that of the processor, start and imports
included.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.types.audio import SAMPLE_RATE

#: Shortest and longest pause between clips (s).
PAUSES = (0.3, 1.5)


def main() -> None:
    """Command line."""
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
                seconds, _, megabytes = cost(*command)
                cells += [f"{seconds:.1f}", f"{minutes * 60 / seconds:.0f}", f"{megabytes:.0f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


def write_joined(files: list[Path], seconds: float, target: Path) -> None:
    """Write clips in a row, with pauses, until so many seconds are full."""
    left = round(seconds * SAMPLE_RATE)
    with sf.SoundFile(target, "w", SAMPLE_RATE, channels=1, format="FLAC") as file:
        for part in clips_and_pauses(files):
            file.write(part[:left])
            left -= part.size
            if left <= 0:
                break


def clips_and_pauses(files: list[Path]) -> Iterator[np.ndarray]:
    """Samples of clips, without end, each followed by the soft noise of a room."""
    rng = np.random.default_rng(0)
    for file in itertools.cycle(files):
        yield load(file).samples
        pause = round(rng.uniform(*PAUSES) * SAMPLE_RATE)
        yield rng.normal(0, 1e-3, pause).astype(np.float32)


def clips_of(manifest: Path, count: int) -> list[Path]:
    """Sounds from all over a manifest, so many."""
    files = [utterance.audio for utterance in read_manifest(manifest)]
    return files[:: max(1, len(files) // count)][:count]


def cost(*command: str) -> tuple[float, float, float]:
    """Seconds of the processor, of the clock, and megabytes at most, of one command."""
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "prosodytok", *command])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    clock = time.monotonic() - start
    return usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
