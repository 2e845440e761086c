"""Whether `prosodytok extract` loses or doubles anything when it is killed and resumed.

    OMP_NUM_THREADS=1 python recipes/benchmarks/kills.py ../shared/data/speech/dev.jsonl

Extracts some clips undisturbed. Then, over and over: extracts them again, kills all its processes
(SIGKILL) at a random time, and resumes. Every file must be as in the undisturbed run, to the byte,
and no shard may be written twice.
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

from prosodytok.io.manifest import read_manifest


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--shard-size", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    files = [str(u.audio) for u in read_manifest(options.manifest)]
    files = files[:: max(1, len(files) // options.clips)][: options.clips]
    draw = random.Random(options.seed)
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
            kept = killed([*command, str(out)], out, draw.randrange(total), draw.random())
            subprocess.run([*command, str(out)], check=True)
            assert finished(out).items() >= kept.items(), f"round {number}: written again"
            assert content(out) == content(whole), f"round {number}: {out} differs"
            print(f"round {number}: killed with {len(kept)} shards finished; all is there, once")


def killed(command: list[str], out: Path, shards: int, seconds: float) -> dict[str, int]:
    """Run a command, and kill all its processes some time after so many shards are finished."""
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and (not out.exists() or len(finished(out)) < shards):
        time.sleep(0.01)
    time.sleep(seconds)
    with suppress(ProcessLookupError):  # where it ended before
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return finished(out)


def finished(out: Path) -> dict[str, int]:
    """The finished shards, and what changes when one is written again."""
    return {path.name: path.stat().st_ino for path in out.glob("data/[0-9]*.parquet")}


def content(folder: Path) -> dict[str, bytes]:
    """All that a dataset's files hold."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
