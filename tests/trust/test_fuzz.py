"""Spoilt files of every kind, read in a process of its own: a value, or the right exception.

Longer runs: ``cd tests && python -m trust.fuzz FOLDER CASES SEED TARGET...``
"""

import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from trust.targets import TARGETS

#: What crashes an interpreter is written in C; and what takes long to load comes once.
GROUPS = {
    "sounds": (["wav", "aiff", "flac", "ogg", "mp3"], 40),
    "tokens": (["jsonl", "safetensors", "parquet", "streams"], 100),
    "others": (["textgrid", "manifest", "npz", "yaml", "weights", "config"], 100),
}


def test_every_reader_is_tried() -> None:
    assert sorted(chain(*(names for names, _ in GROUPS.values()))) == sorted(TARGETS)


@pytest.mark.parametrize(("names", "cases"), GROUPS.values(), ids=GROUPS)
def test_spoilt_files_are_read_or_refused(names: list[str], cases: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trust.fuzz", str(tmp_path), str(cases), "0", *names]
    tests = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=tests, capture_output=True, text=True, timeout=300)
    last = (tmp_path / "case").read_text()
    assert done.returncode == 0, f"at {last}:\n{done.stdout}\n{done.stderr[-2000:]}"
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == names
