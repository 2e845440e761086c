"""Token files in JSON Lines: one utterance per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from prosodytok.io.atomic import existing_file, open_output
from prosodytok.io.limits import MAX_LINE_BYTES
from prosodytok.io.token_record import from_dict, to_dict
from prosodytok.types.errors import TokenError
from prosodytok.types.tokens import ProsodyTokens


def write_jsonl(path: str | Path, utterances: Iterable[ProsodyTokens]) -> None:
    """Write utterances as JSONL, atomically; to a pipe, each when it is ready.

    Parameters
    ----------
    path : path
        The file; an existing one is replaced; see `prosodytok.io.atomic`.
    utterances : iterable of ProsodyTokens
        At least one; a generator is consumed one item at a time.

    Raises
    ------
    TokenError
        If there is no utterance, or a string is not valid Unicode.
    """
    written = 0
    with open_output(path) as file:
        for tokens in utterances:
            file.write(_to_line(tokens))
            written += 1
        if not written:
            raise TokenError(f"{path}: no utterance to write")


def iter_jsonl(path: str | Path) -> Iterator[ProsodyTokens]:
    """Read a JSONL file one utterance at a time; blank lines are skipped.

    Parameters
    ----------
    path : path
        A file written by `write_jsonl`, or by another program to the same contract.

    Raises
    ------
    TokenError
        If the file is missing or empty, or a line violates the contract; the message names the
        file, the line (from 1) and the problem.
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
        raise TokenError(f"{path}: empty, it contains no utterance")


def read_jsonl(path: str | Path) -> list[ProsodyTokens]:
    """Read all utterances of a JSONL file; see `iter_jsonl`."""
    return list(iter_jsonl(path))


def _lines(path: Path) -> Iterator[bytes]:
    """The lines as bytes, so that errors in binary files are reported with their line."""
    try:
        with path.open("rb") as file:
            yield from iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
    except OSError as error:
        raise TokenError(f"{path}: cannot be read ({error})") from error


def _to_line(tokens: ProsodyTokens) -> bytes:
    return json.dumps(to_dict(tokens), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _parse(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise TokenError(f"longer than {MAX_LINE_BYTES} bytes, more than a day of tokens takes")
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise TokenError(f"not JSON ({error})") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
