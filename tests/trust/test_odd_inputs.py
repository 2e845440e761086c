"""The round of odd inputs, in a separate process: ``python -m tests.trust.odd_inputs``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(
    "PROSODYTOK_SLOW" not in os.environ,
    reason="takes a minute: set PROSODYTOK_SLOW; each mended kind has a test of its own",
)
def test_each_odd_input_has_its_right_result() -> None:
    command = [sys.executable, "-m", "tests.trust.odd_inputs"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, "\n".join(
        line for line in done.stdout.splitlines() if "WRONG" in line
    )
