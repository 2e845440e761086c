"""Token files in Parquet: one row per utterance, for pandas and `datasets`.

Columns: ``version``, ``id``, ``audio``, ``duration``, ``frame_rate``, ``num_frames``,
``checkpoint``, ``source``; where they apply ``speaker``, ``offset``, ``f0_floor``,
``f0_ceiling``, ``warnings`` and ``sound_duration``; the numbers ``register_*`` and ``bits_*``; and
for each level ``word_codebook_sizes`` (K), ``word_start``, ``word_end`` (seconds, N),
``word_codes`` (N lists of K) and ``word_label`` (N). The columns of a missing level are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

from prosodytok.io.atomic import atomic_path, existing_file
from prosodytok.io.limits import MAX_LINE_BYTES, MAX_TABLE_BYTES
from prosodytok.io.plain_values import named_values
from prosodytok.io.token_record import from_dict, to_dict
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.tokens import LEVELS, ProsodyTokens

_LEVEL_KEYS = ("codebook_sizes", "start", "end", "codes", "label")
#: Columns of one number.
REALS = ("duration", "frame_rate", "offset", "f0_floor", "f0_ceiling", "sound_duration")
_NESTED = ("register", "bits")
#: Rows read per batch.
ROWS_AT_ONCE = 64


def tokens_to_row(tokens: ProsodyTokens) -> dict[str, Any]:
    """Flatten tokens to one row; columns that do not apply are omitted."""
    record: dict[str, Any] = {**to_dict(tokens)}
    row: dict[str, Any] = {}
    for level in record.pop("levels"):
        row |= {f"{level['name']}_{key}": level[key] for key in _LEVEL_KEYS}
    for name in _NESTED:
        row |= {f"{name}_{key}": value for key, value in record.pop(name).items()}
    return record | row


def row_to_tokens(row: Any) -> ProsodyTokens:
    """Inverse of `tokens_to_row`; missing columns count as null, unknown ones are ignored.

    Parameters
    ----------
    row : mapping or table of one row
        As pandas, Polars, DuckDB, Arrow or Hugging Face datasets give it; see `named_values`.

    Raises
    ------
    TokenError
        As `prosodytok.io.from_dict`.
    """
    present = named_values(row)
    levels = [
        {"name": name, **_take(present, name, _LEVEL_KEYS)}
        for name in LEVELS
        if f"{name}_codes" in present
    ]
    register = _take(present, "register", [field.name for field in fields(Register)])
    bits = _take(present, "bits", [*LEVELS, "boundaries"])
    return from_dict({**present, "levels": levels, "register": register, "bits": bits})


def write_parquet(path: str | Path, utterances: Iterable[ProsodyTokens]) -> None:
    """Write utterances as one Parquet table, atomically.

    Parameters
    ----------
    path : path
        The file; an existing one is replaced.
    utterances : iterable of ProsodyTokens
        At least one.

    Raises
    ------
    TokenError
        If there is no utterance, or a string is not valid Unicode.
    """
    arrow, parquet = _arrow()
    rows = [tokens_to_row(tokens) for tokens in utterances]
    if not rows:
        raise TokenError(f"{path}: no utterance to write")
    table = arrow.Table.from_pylist(rows, schema=parquet_schema())
    with atomic_path(path) as temporary:
        parquet.write_table(table, temporary)


def read_parquet(path: str | Path) -> list[ProsodyTokens]:
    """Read a Parquet table of tokens.

    Parameters
    ----------
    path : path
        A file written by `write_parquet`, or by another program with the same columns.

    Raises
    ------
    TokenError
        If the file is missing, not Parquet or empty, a row violates the contract, or the data
        exceed `prosodytok.io.limits`; the message names the file and the row (from 0).
    """
    arrow, parquet = _arrow()
    path = existing_file(path, TokenError)
    found: list[ProsodyTokens] = []
    try:
        with parquet.ParquetFile(path) as file:
            _check_size(path, file.metadata)
            names = [name for name in parquet_schema().names if name in file.schema_arrow.names]
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=names):
                rows = (batch.slice(row, 1) for row in range(batch.num_rows))
                found += [_read_row(path, n, row) for n, row in enumerate(rows, len(found))]
    except (arrow.ArrowException, OSError, ValueError, TypeError, LookupError,
            ArithmeticError) as error:  # fmt: skip
        raise TokenError(f"{path}: not a Parquet file of tokens ({error})") from error
    if not found:
        raise TokenError(f"{path}: empty, it contains no utterance")
    return found


def parquet_schema() -> Any:
    """The `pyarrow.Schema` of the table, which includes the columns of all levels."""
    arrow, _ = _arrow()
    text, real, count = arrow.string(), arrow.float64(), arrow.int64()
    reals = arrow.list_(real)
    columns = dict.fromkeys(("version", "num_frames"), count)
    columns |= dict.fromkeys(("id", "audio", "checkpoint", "source", "speaker"), text)
    columns |= dict.fromkeys(REALS, real)
    columns["warnings"] = arrow.list_(text)
    columns |= {f"register_{field.name}": real for field in fields(Register)}
    columns |= {f"bits_{name}": real for name in (*LEVELS, "boundaries")}
    counts = arrow.list_(count)
    types = (counts, reals, reals, arrow.list_(counts), arrow.list_(text))
    for name in LEVELS:
        columns |= {f"{name}_{key}": kind for key, kind in zip(_LEVEL_KEYS, types, strict=True)}
    return arrow.schema(columns)


def _arrow() -> tuple[ModuleType, ModuleType]:
    """Import pyarrow on first use, because it takes a third of a second."""
    import pyarrow
    import pyarrow.parquet

    return pyarrow, pyarrow.parquet


def _check_size(path: Path, metadata: Any) -> None:
    """Raise if the uncompressed size in a file's metadata exceeds the limit.

    Column metadata are not read: pyarrow aborts the process on a column that it cannot describe.
    """
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    size = sum(max(0, group.total_byte_size) for group in groups)
    if size > MAX_TABLE_BYTES:
        raise TokenError(
            f"{path}: unpacks to {size} bytes, and at most {MAX_TABLE_BYTES} are read: split "
            "the file"
        )


def _take(row: Mapping[str, Any], prefix: str, keys: Iterable[str]) -> dict[str, Any]:
    return {key: row[f"{prefix}_{key}"] for key in keys if f"{prefix}_{key}" in row}


def _read_row(path: Path, number: int, row: Any) -> ProsodyTokens:
    """Read a record batch of one row."""
    try:
        if row.nbytes > MAX_LINE_BYTES:
            raise TokenError(f"more than {MAX_LINE_BYTES} bytes, more than a day of tokens takes")
        return row_to_tokens(row.to_pylist()[0])
    except TokenError as error:
        raise TokenError(f"{path}, row {number}: {error}") from error
