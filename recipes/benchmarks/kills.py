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
from pathlib import Path

from prosodytok.manifest import read_manifest


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--shard-size", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=1, help="of each round")
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
        begun, ended = timed([*command, str(whole)], whole)
        print(f"{len(files)} clips, undisturbed: {begun:.0f} s to begin, {ended - begun:.0f} s")
        for number in range(options.rounds):
            out = Path(folder, f"round-{number}")
            counts = disturbed([*command, str(out)], out, options.kills, ended - begun, draw)
            assert content(out) == content(whole), f"round {number}: {out} differs"
            print(f"round {number}: killed with {counts} shards finished; all is there, once")


def timed(command: list[str], out: Path) -> tuple[float, float]:
    """Run a command; gives the seconds until its dataset is begun, and until it ends."""
    start = time.monotonic()
    process = subprocess.Popen(command)
    wait_for(out, process)
    begun = time.monotonic() - start
    assert process.wait() == 0
    return begun, time.monotonic() - start


def disturbed(
    command: list[str], out: Path, kills: int, seconds: float, draw: random.Random
) -> list[int]:
    """Run a command until it ends well, killed some times before; gives what was finished then."""
    written: dict[str, int] = {}
    counts = []
    for _ in range(kills):
        killed(command, out, draw.uniform(0, seconds))
        check_kept(written, out)
        counts.append(len(written))
    subprocess.run(command, check=True)
    check_kept(written, out)
    return counts


def killed(command: list[str], out: Path, seconds: float) -> None:
    """Run a command, and kill it and all its processes some time after its dataset is begun."""
    process = subprocess.Popen(command, start_new_session=True)
    wait_for(out, process)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(out: Path, process: subprocess.Popen[bytes]) -> None:
    while not out.exists() and process.poll() is None:
        time.sleep(0.01)


def check_kept(written: dict[str, int], out: Path) -> None:
    """Hold that no finished shard was written again, and note those that are finished now."""
    now = {path.name: path.stat().st_ino for path in out.glob("data/[0-9]*.parquet")}
    again = [name for name, inode in written.items() if now.get(name) != inode]
    assert not again, f"written again: {again}"
    written.update(now)


def content(folder: Path) -> dict[str, bytes]:
    """All that a dataset's files hold."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
