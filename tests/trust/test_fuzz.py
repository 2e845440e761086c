"""Mutated files of every kind, read in a separate process, give a value or the right exception.

Longer runs: ``python -m tests.trust.fuzz FOLDER CASES SEED TARGET...``
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.trust.targets import TARGETS

#: Cases of each kind, for a quick check.
CASES = 30


@pytest.mark.slow
def test_mutated_files_are_read_or_rejected(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.trust.fuzz", str(tmp_path), str(CASES), "0"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    last = (tmp_path / "case").read_text()
    assert done.returncode == 0, f"at {last}:\n{done.stdout}\n{done.stderr[-2000:]}"
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [*TARGETS]
