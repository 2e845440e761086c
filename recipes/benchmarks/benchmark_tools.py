"""Clips, joined sounds and timed commands for the benchmarks of this folder."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.types.audio import SAMPLE_RATE

#: Shortest and longest pause between joined clips (s).
PAUSES = (0.3, 1.5)


def choose_clips(manifest: Path, count: int) -> list[Path]:
    """Sounds at even intervals in a manifest, at most `count`."""
    files = [utterance.audio for utterance in read_manifest(manifest)]
    return files[:: max(1, len(files) // count)][:count]


def write_joined(files: list[Path], seconds: float, target: Path) -> None:
    """Write clips with pauses between them, repeated as needed, as one FLAC of this duration."""
    remaining = round(seconds * SAMPLE_RATE)
    with sf.SoundFile(target, "w", SAMPLE_RATE, channels=1, format="FLAC") as file:
        for part in _clips_and_pauses(files):
            file.write(part[:remaining])
            remaining -= part.size
            if remaining <= 0:
                break


def _clips_and_pauses(files: list[Path]) -> Iterator[np.ndarray]:
    """Samples of the clips in an endless cycle, each followed by faint noise."""
    rng = np.random.default_rng(0)
    for file in itertools.cycle(files):
        yield load(file).samples
        pause = round(rng.uniform(*PAUSES) * SAMPLE_RATE)
        yield rng.normal(0, 1e-3, pause).astype(np.float32)


def run_prosodytok(*command: str) -> tuple[float, float, float]:
    """Run a command; return processor time (s), wall time (s) and peak resident memory (MB)."""
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "prosodytok", *command])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    wall = time.monotonic() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024
