"""Time and memory of `prosodytok extract` against the size of a corpus; needs a quiet machine.

    python recipes/benchmarks/speed_of_extraction.py ../shared/data/speech/{dev,train}.jsonl

Each row has the same clips with one worker and with several: wall time (s) of the whole command,
and the largest resident set of any process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import soundfile as sf
from benchmark_tools import run_prosodytok

from prosodytok.io.manifest import read_manifest

#: Small, so that no worker waits long for the others at the end.
SHARD_SIZE = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path, nargs="+")
    parser.add_argument("--clips", type=int, nargs="+", default=[100, 400, 1600, 6400])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    files = [u.audio.resolve() for path in options.manifest for u in read_manifest(path)]
    workers = options.workers
    print(f"| clips | hours | 1 worker, s | x real time | MB | {workers} workers, s ", end="")
    print("| x real time | MB | times as fast |")
    print("| --- " * 9 + "|")
    for count in options.clips:
        chosen = files[:count]
        speech = sum(sf.info(path).duration for path in chosen)
        (one, one_mb), (several, several_mb) = (cost(chosen, n) for n in (1, workers))
        cells = [f"{len(chosen)}", f"{speech / 3600:.2f}"]
        for seconds, megabytes in ((one, one_mb), (several, several_mb)):
            cells += [f"{seconds:.1f}", f"{speech / seconds:.0f}", f"{megabytes:.0f}"]
        print(f"| {' | '.join(cells)} | {one / several:.2f} |", flush=True)


def cost(files: list[Path], workers: int) -> tuple[float, float]:
    """Wall time (s) of an extraction, and memory of its largest process (MB)."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "corpus.jsonl")
        manifest.write_text("".join(json.dumps({"audio": str(path)}) + "\n" for path in files))
        command = ["extract", str(manifest), "--out", f"{folder}/out", "--segments", "acoustic"]
        command += ["--workers", str(workers), "--shard-size", str(SHARD_SIZE)]
        _, seconds, megabytes = run_prosodytok(*command)
        return seconds, megabytes


if __name__ == "__main__":
    main()
