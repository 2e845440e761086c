"""Draw the figures of README.md and docs/gallery.md again: the code of the gallery draws them."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent


def python_blocks(page: Path) -> Iterator[tuple[int, str]]:
    """Give the first line number of each block of Python in a page of Markdown, and its code."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for start, line in enumerate(lines, 1):
        if line == "```python":
            yield start, "\n".join(lines[start : lines.index("```", start)])


def run(page: Path, folder: Path) -> dict[str, Any]:
    """Run all code of a page as one program, in a folder where it may write; gives its names."""
    names: dict[str, Any] = {"__name__": page.stem}
    with chdir(folder):
        for start, code in python_blocks(page):
            exec(compile("\n" * start + code, str(page), "exec"), names)  # errors name the line
    return names


if __name__ == "__main__":
    run(DOCS / "gallery.md", DOCS)
