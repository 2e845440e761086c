"""Rows of tables and records of JSON readers."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
import orjson
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
from datasets import Dataset

from prosodytok.io import from_dict, row_to_tokens, to_dict, tokens_to_row, write_parquet
from prosodytok.types import ProsodyTokens
from prosodytok.types.errors import TokenError
from tests.trust.odd_inputs.checks import Case, clean_tokens, refused

Row = Callable[[Path], Any]


def _file(folder: Path) -> str:
    """A Parquet file of three utterances, of which the second has phrases only."""
    tokens = clean_tokens()
    write_parquet(folder / "t.parquet", [tokens, tokens.select(["phrase"]), tokens])
    return str(folder / "t.parquet")


ROWS: dict[str, Row] = {
    "pandas, row 0": lambda f: pd.read_parquet(_file(f)).iloc[0],
    "pandas with Arrow types": lambda f: pd.read_parquet(_file(f), dtype_backend="pyarrow").iloc[0],
    "pandas with nullable types": lambda f: pd.read_parquet(_file(f), dtype_backend="numpy_nullable").iloc[2],
    "pandas itertuples": lambda f: next(pd.read_parquet(_file(f)).itertuples())._asdict(),
    "pandas to_dict": lambda f: pd.read_parquet(_file(f)).to_dict("records")[0],
    "pandas, a table of one row": lambda f: pd.read_parquet(_file(f)).tail(1),
    "pandas through JSON": lambda f: pd.read_json(_written(f, pd.read_parquet(_file(f)).head(1).to_json(orient="records"))).iloc[0],
    "polars row(named)": lambda f: pl.read_parquet(_file(f)).row(2, named=True),
    "polars, a table of one row": lambda f: pl.read_parquet(_file(f)).head(1),
    "polars lazy": lambda f: pl.scan_parquet(_file(f)).collect().rows(named=True)[0],
    "DuckDB to pandas": lambda f: duckdb.sql(f"select * from '{_file(f)}' limit 1").df().iloc[0],
    "DuckDB to Arrow": lambda f: duckdb.sql(f"select * from '{_file(f)}' limit 1").to_arrow_table(),
    "DuckDB fetchall": lambda f: _fetched(f),
    "Arrow to_pylist": lambda f: pq.read_table(_file(f)).to_pylist()[2],
    "Arrow slice": lambda f: pq.read_table(_file(f)).slice(2, 1),
    "Arrow record batch": lambda f: pq.read_table(_file(f)).to_batches()[0].slice(0, 1),
    "datasets": lambda f: Dataset.from_parquet(_file(f), cache_dir=str(f))[0],
    "datasets with numpy": lambda f: Dataset.from_parquet(_file(f), cache_dir=str(f)).with_format("numpy")[0],
    "an ordered dict": lambda f: OrderedDict(tokens_to_row(clean_tokens())),
    "a read-only mapping": lambda f: MappingProxyType(tokens_to_row(clean_tokens())),
    "tuples for lists": lambda f: {k: tuple(v) if isinstance(v, list) else v for k, v in tokens_to_row(clean_tokens()).items()},
    "NaN for missing values": lambda f: {**tokens_to_row(clean_tokens()), "speaker": float("nan"), "offset": np.nan, "warnings": None},
    "NumPy scalars": lambda f: {k: np.float64(v) if isinstance(v, float) else np.int32(v) if isinstance(v, int) else v for k, v in tokens_to_row(clean_tokens()).items()},
    "more columns": lambda f: {**tokens_to_row(clean_tokens()), "mos": 4.2, "split": "dev"},
}  # fmt: skip
RECORDS: dict[str, Row] = {
    "orjson": lambda f: orjson.loads(json.dumps(to_dict(clean_tokens()))),
    "pandas read_json lines": lambda f: pd.read_json(_written(f, json.dumps(to_dict(clean_tokens()))), lines=True).iloc[0],
    "polars read_ndjson": lambda f: pl.read_ndjson(_written(f, json.dumps(to_dict(clean_tokens())))).row(0, named=True),
    "DuckDB read_json": lambda f: duckdb.sql(f"select * from read_json('{_written(f, json.dumps(to_dict(clean_tokens())))}')").df().iloc[0],
    "datasets of JSON": lambda f: Dataset.from_json(str(_written(f, json.dumps(to_dict(clean_tokens())))), cache_dir=str(f))[0],
}  # fmt: skip
REFUSED: dict[str, Row] = {
    "a tuple": lambda f: tuple(tokens_to_row(clean_tokens()).values()),
    "None": lambda f: None,
    "a table of three rows": lambda f: pd.read_parquet(_file(f)),
    "an empty table": lambda f: pl.read_parquet(_file(f)).head(0),
    "an empty mapping": lambda f: {},
    "a column of another length": lambda f: {**tokens_to_row(clean_tokens()), "word_codes": [[1, 2]]},
    "codes as text": lambda f: {**tokens_to_row(clean_tokens()), "frame_codes": "[[1, 2]]"},
    "codes as fractions": lambda f: {**tokens_to_row(clean_tokens()), "phrase_codes": [[0.5]]},
    "codes of NaN": lambda f: {**tokens_to_row(clean_tokens()), "phrase_codes": [[float("nan")]]},
    "version NaN": lambda f: {**tokens_to_row(clean_tokens()), "version": float("nan")},
    "a register of None": lambda f: {**tokens_to_row(clean_tokens()), "register_f0_median_hz": None},
    "a register of text": lambda f: {**tokens_to_row(clean_tokens()), "register_f0_median_hz": "93"},
    "negative codes": lambda f: {**tokens_to_row(clean_tokens()), "phrase_codes": [[-1]]},
    "bytes for the id": lambda f: {**tokens_to_row(clean_tokens()), "id": b"a"},
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, row in ROWS.items():
        yield Case("tables", name, "the same tokens", partial(_same, row=row, read=row_to_tokens))
    for name, row in RECORDS.items():
        yield Case("tables", name, "the same tokens", partial(_same, row=row, read=from_dict))
    for name, row in REFUSED.items():
        yield Case("tables", name, "error", partial(_refuse, row=row))


def _written(folder: Path, text: str) -> Path:
    (folder / "r.json").write_text(text)
    return folder / "r.json"


def _fetched(folder: Path) -> dict[str, Any]:
    found = duckdb.sql(f"select * from '{_file(folder)}' limit 1")
    return dict(zip(found.columns, found.fetchall()[0], strict=True))


def _same(folder: Path, row: Row, read: Callable[[Any], ProsodyTokens]) -> str:
    found, right = to_dict(read(row(folder))), to_dict(clean_tokens())
    different = [key for key in right if not _equal(found.get(key), right[key])]
    return f"other {different}" if different else ""


def _equal(one: Any, two: Any) -> bool:
    """Whether values are equal; pandas rounds numbers in JSON to 10 digits."""
    if isinstance(two, dict):
        return one.keys() == two.keys() and all(_equal(one[key], two[key]) for key in two)
    return bool(np.isclose(one, two, rtol=1e-8)) if isinstance(two, float) else one == two


def _refuse(folder: Path, row: Row) -> str:
    return refused(TokenError, lambda: row_to_tokens(row(folder)))
