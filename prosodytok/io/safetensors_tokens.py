"""Token files in safetensors. Deprecated: use JSON Lines or Parquet.

Utterance ``i`` has for each level the int64 tensors ``i.word.codes`` (K, N) and
``i.word.boundaries`` (N + 1, in frames). All other fields, including the labels, are in the JSON
list ``utterances`` of the header's metadata.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from prosodytok.io.atomic import atomic_path, existing_file
from prosodytok.io.limits import MAX_LINE_BYTES
from prosodytok.io.token_record import from_dict, to_dict
from prosodytok.types.errors import TokenError
from prosodytok.types.tokens import LEVELS, ProsodyTokens
from prosodytok.types.units import frames_to_seconds

_FORMAT = "prosodytok.tokens"


def write_safetensors(path: str | Path, utterances: Iterable[ProsodyTokens]) -> None:
    """Write utterances as one safetensors file, atomically.

    .. deprecated:: 0.1
        Use `write_jsonl` or `write_parquet`; support will be removed in 1.0.

    Raises
    ------
    TokenError
        If there is no utterance, a string is not valid Unicode, or the header exceeds the limit of
        safetensors (100 MB: about 40 000 utterances).
    """
    _warn_deprecated(path)
    headers: list[dict[str, Any]] = []
    tensors: dict[str, NDArray[np.int64]] = {}
    for tokens in utterances:
        tensors |= _to_tensors(len(headers), tokens)
        headers.append(_to_header(tokens))
    if not headers:
        raise TokenError(f"{path}: no utterance to write")
    metadata = {"format": _FORMAT, "utterances": json.dumps(headers, ensure_ascii=False)}
    with atomic_path(path) as temporary:
        try:
            temporary.write_bytes(_sorted(save(tensors, metadata)))
            # Some versions of safetensors write longer headers than they read.
            with safe_open(temporary, framework="numpy"):
                pass
        except SafetensorError as error:
            raise TokenError(
                f"{path}: safetensors cannot hold these utterances ({error})"
            ) from error


def read_safetensors(path: str | Path) -> list[ProsodyTokens]:
    """Read a file written by `write_safetensors`.

    .. deprecated:: 0.1
        Use `read_jsonl` or `read_parquet`; support will be removed in 1.0.

    Raises
    ------
    TokenError
        If the file is missing, damaged or of another kind, or an utterance is inconsistent; the
        message names the file and the utterance (from 0).
    """
    _warn_deprecated(path)
    path = existing_file(path, TokenError)
    try:
        with safe_open(path, framework="numpy") as file:
            headers = _read_headers(file.metadata())
            return [_read_one(file, index, header) for index, header in enumerate(headers)]
    except (SafetensorError, TokenError) as error:
        raise TokenError(f"{path}: {error}") from error


def _warn_deprecated(path: str | Path) -> None:
    warnings.warn(
        f"{path}: token files in safetensors are deprecated: use .jsonl or .parquet; "
        "support will be removed in 1.0",
        DeprecationWarning,
        stacklevel=3,
    )


def _sorted(content: bytes) -> bytes:
    """The same file with sorted metadata, whose order is random in safetensors."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors start at a multiple of 8
    return len(text).to_bytes(8, "little") + text + content[start:]


def _to_tensors(index: int, tokens: ProsodyTokens) -> dict[str, NDArray[np.int64]]:
    tensors = {}
    for level in tokens.levels:
        tensors[f"{index}.{level.name}.codes"] = np.ascontiguousarray(level.codes)
        tensors[f"{index}.{level.name}.boundaries"] = level.segmentation.boundaries
    return tensors


def _to_header(tokens: ProsodyTokens) -> dict[str, Any]:
    record = to_dict(tokens)
    levels = [
        {"name": x["name"], "codebook_sizes": x["codebook_sizes"], "label": x["label"]}
        for x in record["levels"]
    ]
    return {**record, "levels": levels}


def _read_headers(metadata: dict[str, str] | None) -> list[Any]:
    if not metadata or metadata.get("format") != _FORMAT:
        raise TokenError("a safetensors file, but not of prosody tokens")
    try:
        headers = json.loads(metadata["utterances"])
    except (KeyError, ValueError, RecursionError) as error:
        raise TokenError(f"its header lists no utterances ({error})") from error
    if not isinstance(headers, list) or not headers:
        raise TokenError("empty, it contains no utterance")
    return headers


def _read_one(file: Any, index: int, header: Any) -> ProsodyTokens:
    try:
        if len(header["levels"]) > len(LEVELS):
            raise TokenError(f"{len(header['levels'])} levels, and there are {', '.join(LEVELS)}")
        levels = [
            _read_level(file, index, level, header["frame_rate"]) for level in header["levels"]
        ]
        return from_dict({**header, "levels": levels})
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise TokenError(f"utterance {index}: its header is damaged ({error!r})") from error
    except (SafetensorError, TokenError) as error:
        raise TokenError(f"utterance {index}: {error}") from error


def _read_level(file: Any, index: int, level: Any, frame_rate: float) -> dict[str, Any]:
    codes = file.get_tensor(f"{index}.{level['name']}.codes")
    edges = file.get_tensor(f"{index}.{level['name']}.boundaries")
    # Checked before the conversion to lists, which take twenty times the memory.
    if not edges.dtype == codes.dtype == np.int64:
        raise TokenError(
            f"level {level['name']!r}: codes of {codes.dtype} and boundaries of {edges.dtype}, "
            "and int64 is needed"
        )
    if max(edges.nbytes, codes.nbytes) > MAX_LINE_BYTES:
        raise TokenError(f"level {level['name']!r}: more than {MAX_LINE_BYTES} bytes of an array")
    # A large shape, such as (0, 10**9), may take no bytes.
    if edges.ndim != 1 or codes.shape != (len(level["codebook_sizes"]), edges.size - 1):
        raise TokenError(
            f"level {level['name']!r}: codes of shape {codes.shape} and boundaries of shape "
            f"{edges.shape} for {len(level['codebook_sizes'])} codebooks"
        )
    if not codes.size:
        raise TokenError(f"level {level['name']!r} contains no codes")
    times = [frames_to_seconds(edge, frame_rate) for edge in edges.tolist()]
    return {**level, "start": times[:-1], "end": times[1:], "codes": codes.T.tolist()}
