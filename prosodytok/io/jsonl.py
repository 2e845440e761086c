"""Token files of text: one utterance a line, one JSON object each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from prosodytok.io.atomic import atomic_path, existing_file
from prosodytok.io.limits import MAX_LINE_BYTES
from prosodytok.io.token_record import from_dict, to_dict
from prosodytok.types.errors import TokenError
from prosodytok.types.tokens import ProsodyTokens


def write_jsonl(path: str | Path, utterances: Iterable[ProsodyTokens]) -> None:
    """Write utterances as JSONL: all of them, or nothing.

    Parameters
    ----------
    path : path
        The file; an earlier one is replaced.
    utterances : iterable of ProsodyTokens
        At least one; a generator is consumed one by one.

    Raises
    ------
    TokenError
        If there is no utterance, or a text in one is not Unicode.
    """
    with atomic_path(path) as temporary:
        with temporary.open("wb") as file:
            file.writelines(_to_line(tokens) for tokens in utterances)
        if temporary.stat().st_size == 0:
            raise TokenError(f"{path}: no utterance to write")


def iter_jsonl(path: str | Path) -> Iterator[ProsodyTokens]:
    """Read a JSONL file one utterance at a time; blank lines are passed over.

    Parameters
    ----------
    path : path
        What `write_jsonl` wrote, or another program by the same contract.

    Raises
    ------
    TokenError
        If the file is missing or empty, or a line does not follow the contract; the message names
        the file, the line (from 1) and what is wrong with it.
    """
    found = False
    for number, line in enumerate(_lines(existing_file(path, TokenError)), start=1):
        if not line.strip():
            continue
        try:
            tokens = from_dict(_parse(line))
        except TokenError as error:
            raise TokenError(f"{path}, line {number}: {error}") from error
        found = True
        yield tokens
    if not found:
        raise TokenError(f"{path}: empty, it holds no utterance")


def read_jsonl(path: str | Path) -> list[ProsodyTokens]:
    """Read a whole JSONL file; see `iter_jsonl`."""
    return list(iter_jsonl(path))


def _lines(path: Path) -> Iterator[bytes]:
    """The lines, in bytes: a file that is no text at all still fails with its line."""
    try:
        with path.open("rb") as file:
            yield from iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
    except OSError as error:
        raise TokenError(f"{path}: cannot be read ({error})") from error


def _to_line(tokens: ProsodyTokens) -> bytes:
    return json.dumps(to_dict(tokens), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _parse(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise TokenError(f"longer than {MAX_LINE_BYTES} bytes, which a day of tokens is not")
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise TokenError(f"not JSON ({error})") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")
