"""Token files of any format, selected by suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from prosodytok.io.jsonl import read_jsonl, write_jsonl
from prosodytok.io.parquet import read_parquet, write_parquet
from prosodytok.io.safetensors_tokens import read_safetensors, write_safetensors
from prosodytok.types.errors import TokenError
from prosodytok.types.tokens import ProsodyTokens

_Reader = Callable[[str | Path], list[ProsodyTokens]]
_Writer = Callable[[str | Path, Iterable[ProsodyTokens]], None]

_FORMATS: dict[str, tuple[_Reader, _Writer]] = {
    ".jsonl": (read_jsonl, write_jsonl),
    ".parquet": (read_parquet, write_parquet),
    ".safetensors": (read_safetensors, write_safetensors),
}


def read_tokens(path: str | Path) -> list[ProsodyTokens]:
    """Read a token file: ``.jsonl``, ``.parquet`` or ``.safetensors`` (deprecated).

    Raises
    ------
    TokenError
        If the suffix is unknown, or the file is missing, damaged, empty or violates the contract.
    """
    read, _ = _format_of(path)
    return read(path)


def write_tokens(path: str | Path, utterances: Iterable[ProsodyTokens]) -> None:
    """Write a token file: ``.jsonl``, ``.parquet`` or ``.safetensors`` (deprecated); all are exact.

    Raises
    ------
    TokenError
        If the suffix is unknown, or there is no utterance.
    """
    _, write = _format_of(path)
    write(path, utterances)


def _format_of(path: str | Path) -> tuple[_Reader, _Writer]:
    suffix = Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise TokenError(f"{path}: a token file ends in {', '.join(_FORMATS)}")
    return _FORMATS[suffix]
