"""How much faster several workers of `prosodytok extract` are than one; needs a quiet machine.

    OMP_NUM_THREADS=1 python recipes/benchmarks/speed/workers.py ../shared/data/speech/dev.jsonl

Extracts the same clips with one worker and with several. The rate is that of the whole call, and of
the time when all workers were at work: from the moment when each has finished a shard.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from prosodytok.corpus import Outcome, extract
from prosodytok.manifest import read_manifest


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    files = [u.audio for u in read_manifest(options.manifest)][: options.clips]
    for _ in range(options.repeats):
        whole, working = zip(*(rates(files, n) for n in (1, options.workers)), strict=True)
        for name, (one, several) in (("whole call", whole), ("at work", working)):
            print(
                f"{name}: {one:.0f} times real time with 1 worker, {several:.0f} with "
                f"{options.workers}: {several / one:.2f} times as fast"
            )


def rates(files: list[Path], workers: int, shard_size: int = 8) -> tuple[float, float]:
    """Speech per second of the whole call, and of the time when all workers were at work."""
    told: list[tuple[float, float]] = []

    def tell(outcome: Outcome) -> None:
        told.append((time.monotonic(), outcome.seconds))

    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        extract(
            files,
            Path(folder, "out"),
            segments="acoustic",
            workers=workers,
            shard_size=shard_size,
            tell=tell,
        )
        spent = time.monotonic() - start
    working = told[2 * shard_size * workers : len(told) - shard_size * workers]
    speech = sum(seconds for _, seconds in working[1:])
    return sum(s for _, s in told) / spent, speech / (working[-1][0] - working[0][0])


if __name__ == "__main__":
    main()
