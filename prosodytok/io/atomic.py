"""Atomic file writes: a file is replaced when it is complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from prosodytok.types.errors import ProsodytokError


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `target` when the block succeeds.

    The path is in the folder of `target`, which is created if missing, and has its suffix. If the
    block raises, the temporary file is removed and an existing `target` is unchanged.

    Parameters
    ----------
    target : path
        The file to write or to replace.

    Yields
    ------
    Path
        The temporary path; the block must create this file.
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
    """Write or replace a text file (UTF-8) atomically."""
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8")


def existing_file(path: str | Path, error: type[ProsodytokError]) -> Path:
    """Return `path` as a `Path`, or raise `error` if there is no such file."""
    path = Path(path)
    if not path.is_file():
        raise error(f"{path}: no such file")
    return path
