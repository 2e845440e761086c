"""Rows and records of table libraries and JSON readers, converted to plain Python.

pandas, Polars, DuckDB, Arrow, Hugging Face datasets and torch give the same values as arrays,
scalars and null values of their own. No library is imported: their values are converted by the
methods that they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from prosodytok.types.errors import TokenError

#: Classes of null values other than None and NaN, in pandas and NumPy.
_NULLS = frozenset({"NAType", "NaTType", "MaskedConstant"})
#: Methods of arrays, columns and scalars that convert them.
_METHODS = ("tolist", "to_list", "to_pylist", "as_py")


def named_values(row: Any) -> dict[str, Any]:
    """The values of a row, or of a table of one row, by name, without null ones.

    Parameters
    ----------
    row : mapping, pandas.Series, or table of pandas, Polars or Arrow
        Its keys or columns are the names.

    Raises
    ------
    TokenError
        If it has no names, or is a table of several rows.
    """
    if hasattr(row, "columns") and hasattr(row, "shape"):
        row = _only_row(row)
    if not hasattr(row, "items"):
        raise TokenError(
            f"not a record of prosody tokens: {type(row).__name__} has no names; pass a mapping, "
            "such as dict(zip(names, row))"
        )
    return _without_nulls(row.items())


def to_plain(value: Any) -> Any:
    """Convert a value, with all that it contains; in mappings, null values are left out.

    Raises
    ------
    TokenError
        If it is nested too deeply.
    """
    try:
        return _to_plain(value)
    except RecursionError as error:
        raise TokenError("not a record of prosody tokens: nested too deeply") from error


def _to_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_nulls((name, _to_plain(item)) for name, item in value.items())
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    if str(getattr(value, "dtype", "")).lower().endswith("float32"):
        # The shortest decimals that are these numbers: 0.07 s is not 0.07000000029802322 s.
        value = np.array(value.tolist(), dtype=np.float32).astype(str).astype(np.float64)
    method = next((name for name in _METHODS if hasattr(value, name)), None)
    return value if method is None else _to_plain(getattr(value, method)())


def _without_nulls(items: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {str(name): value for name, value in items if not _is_null(value)}


def _is_null(value: Any) -> bool:
    is_nan = isinstance(value, float) and value != value
    return value is None or is_nan or type(value).__name__ in _NULLS


def _only_row(table: Any) -> dict[str, Any]:
    if len(table) != 1:
        raise TokenError(f"a table of {len(table)} rows: pass one row")
    names = getattr(table, "column_names", None) or table.columns
    return {name: _to_plain(table[name])[0] for name in names}
