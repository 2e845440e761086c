"""Test that `prosodytok extract` loses and repeats nothing when it is killed and resumed.

    OMP_NUM_THREADS=1 python recipes/benchmarks/killed_extraction.py ../shared/data/speech/dev.jsonl

Extracts clips without interruption. Each round then extracts them again, kills all processes
(SIGKILL) at a random time, and resumes. Every file must equal that of the uninterrupted run, byte
for byte, and no shard may be written twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmark_tools import choose_clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--shard-size", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    files = [str(path) for path in choose_clips(options.manifest, options.clips)]
    rng = random.Random(options.seed)
    command = [sys.executable, "-m", "prosodytok", "extract", *files, "--resume"]
    command += ["--segments", "acoustic", "--shard-size", str(options.shard_size)]
    command += ["--workers", str(options.workers), "--out"]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        subprocess.run([*command, str(whole)], check=True)
        total = len(finished(whole))
        print(f"{len(files)} clips in {total} shards")
        for number in range(options.rounds):
            out = Path(folder, f"round-{number}")
            kept = run_and_kill([*command, str(out)], out, rng.randrange(total), rng.random())
            subprocess.run([*command, str(out)], check=True)
            assert finished(out).items() >= kept.items(), f"round {number}: written again"
            assert content(out) == content(whole), f"round {number}: {out} differs"
            print(f"round {number}: killed with {len(kept)} shards finished; complete, no repeats")


def run_and_kill(command: list[str], out: Path, shards: int, seconds: float) -> dict[str, int]:
    """Run a command; kill its processes some seconds after this number of shards is finished."""
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and (not out.exists() or len(finished(out)) < shards):
        time.sleep(0.01)
    time.sleep(seconds)
    with suppress(ProcessLookupError):  # it has ended already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return finished(out)


def finished(out: Path) -> dict[str, int]:
    """Inodes of the finished shards, which change when a shard is written again."""
    return {path.name: path.stat().st_ino for path in out.glob("data/[0-9]*.parquet")}


def content(folder: Path) -> dict[str, bytes]:
    """Contents of the files of a dataset."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
