"""Outputs that would replace an input of the same command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path

from prosodytok.types.errors import ConfigError


def keep_inputs(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command: it raises ConfigError if its `out` is one of its inputs.

    An input is each other argument that names an existing file, and each sound in a folder.
    """

    @wraps(command)
    def run(**arguments: object) -> None:
        out = arguments.get("out")
        if isinstance(out, Path) and out.is_file():
            for path in _inputs({**arguments, "out": None}):
                if _is_within(out, path):
                    raise ConfigError(f"--out {out} would replace an input: {path}")
        command(**arguments)

    return run


def _inputs(arguments: dict[str, object]) -> Iterator[Path]:
    for value in arguments.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Path):
                yield item


def _is_within(out: Path, path: Path) -> bool:
    """Whether a file is another one, or a sound in a folder."""
    from prosodytok.io.sound_folders import AUDIO_SUFFIXES

    try:
        if path.is_dir():
            is_sound = out.suffix.lower() in AUDIO_SUFFIXES
            return is_sound and path.resolve() in out.resolve().parents
        return path.is_file() and out.samefile(path)
    except OSError:  # a loop of links, for one
        return False
