"""Draw the figures of README.md and docs/gallery.md by running the code of the gallery."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent


def python_blocks(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the first line number and the code of each Python block in a Markdown page."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for start, line in enumerate(lines, 1):
        if line == "```python":
            yield start, "\n".join(lines[start : lines.index("```", start)])


def run(page: Path, folder: Path) -> dict[str, Any]:
    """Run all code of a page as one program in a folder, and return its variables."""
    names: dict[str, Any] = {"__name__": page.stem}
    with chdir(folder):
        for start, code in python_blocks(page):
            exec(compile("\n" * start + code, str(page), "exec"), names)  # errors name the line
    return names


if __name__ == "__main__":
    run(DOCS / "gallery.md", DOCS)
