"""The Python code in README.md runs as it stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def python_blocks() -> Iterator[tuple[int, str]]:
    """Give each block's first line number and its code."""
    lines = README.read_text(encoding="utf-8").split("\n")
    for start, line in enumerate(lines, 1):
        if line == "```python":
            yield start, "\n".join(lines[start : lines.index("```", start)])


BLOCKS = list(python_blocks())


def test_readme_has_code() -> None:
    assert BLOCKS


@pytest.mark.parametrize(("start", "code"), BLOCKS, ids=[f"line {start}" for start, _ in BLOCKS])
def test_readme_code_runs(
    start: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = compile("\n" * start + code, str(README), "exec")  # so that an error names the line
    exec(program, {"__name__": "readme"})
