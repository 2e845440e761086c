"""Writing files so that no reader ever meets half of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from prosodytok.types.errors import ProsodytokError


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Give a path to write to, which becomes `target` when the block ends well.

    The path lies in the folder of `target` (made where it is missing) and has its suffix, for
    writers that look at it. When the block raises, nothing is left behind and an earlier `target`
    stays as it was.

    Parameters
    ----------
    target : path
        The file to write or to replace.

    Yields
    ------
    Path
        Where to write; the block must create this file.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid4().hex}{target.suffix}")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: str | Path, text: str) -> None:
    """Write a text file (UTF-8), or replace it at once."""
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8")


def existing_file(path: str | Path, error: type[ProsodytokError]) -> Path:
    """Return `path`, or raise `error` with its name if no file is there."""
    path = Path(path)
    if not path.is_file():
        raise error(f"{path}: no such file")
    return path
