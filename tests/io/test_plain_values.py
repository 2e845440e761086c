"""Rows and records as other libraries give them become the tokens that were written."""

from dataclasses import replace

import datasets
import duckdb
import numpy as np
import orjson
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.json
import pytest
import torch

from prosodytok.io import from_dict, row_to_tokens, write_jsonl, write_parquet
from prosodytok.io.plain_values import to_plain
from prosodytok.types.errors import TokenError
from tests.sequences.strategies import assert_same, make_tokens

#: Columns are null in one row and not in the other.
TOKENS = [
    make_tokens(),
    replace(make_tokens(names=["word"]), id="b", speaker="s", offset=1.25, warnings=("soft",)),
]
FORMATS = [None, "numpy", "torch", "pandas", "arrow", "polars"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    write_jsonl(folder / "t.jsonl", TOKENS)
    for number, tokens in enumerate(TOKENS):  # shards, whose columns have the same types
        write_parquet(folder / f"{number}.parquet", [tokens])
    return folder


def assert_tokens(convert, rows):
    for row, tokens in zip(rows, TOKENS, strict=True):
        assert_same(convert(row), tokens)


def tables(frame):
    """Rows of a pandas table, one by one and all at once, and tables of one row."""
    return [
        [frame.iloc[0], frame.iloc[1]],
        frame.to_dict("records"),
        [row._asdict() for row in frame.itertuples(index=False)],
        [frame.iloc[:1], frame.iloc[1:]],
    ]


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow", None])
def test_pandas(folder, backend):
    options = {"dtype_backend": backend} if backend else {}
    shards = [pd.read_parquet(folder / f"{n}.parquet", **options) for n in (0, 1)]
    for rows in tables(pd.concat(shards)):
        assert_tokens(row_to_tokens, rows)
    for rows in tables(pd.read_json(folder / "t.jsonl", lines=True, **options)):
        assert_tokens(from_dict, rows)


def test_polars(folder):
    table = pl.read_parquet(folder / "*.parquet")
    for rows in (table.to_dicts(), [table[0], table[1]], table.to_pandas().to_dict("records")):
        assert_tokens(row_to_tokens, rows)
    assert_tokens(from_dict, pl.read_ndjson(folder / "t.jsonl").to_dicts())


def test_duckdb(folder):
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{folder}/*.parquet' ORDER BY id DESC")
        names = [column[0] for column in found.description]
        rows = found.fetchall()
        assert_tokens(row_to_tokens, [dict(zip(names, row, strict=True)) for row in rows])
        for query, convert in (
            (f"SELECT * FROM '{folder}/*.parquet' ORDER BY id DESC", row_to_tokens),
            (f"SELECT * FROM '{folder}/t.jsonl'", from_dict),
        ):
            for rows in tables(connection.execute(query).fetchdf()):
                assert_tokens(convert, rows)
        columns = connection.execute(f"SELECT * FROM '{folder}/*.parquet' ORDER BY id DESC")
        arrays = columns.fetchnumpy()
        assert_tokens(row_to_tokens, [{k: x[n] for k, x in arrays.items()} for n in (0, 1)])


def test_arrow(folder):
    shards = [pa.parquet.read_table(folder / f"{n}.parquet") for n in (0, 1)]
    assert shards[0].schema.equals(shards[1].schema)
    table = pa.concat_tables(shards)
    assert_tokens(row_to_tokens, table.to_pylist())
    assert_tokens(row_to_tokens, shards)
    assert_tokens(from_dict, pa.json.read_json(folder / "t.jsonl").to_pylist())


@pytest.mark.parametrize("name", FORMATS)
def test_datasets(folder, tmp_path, name):
    datasets.disable_progress_bars()
    options = {"split": "train", "cache_dir": str(tmp_path)}
    shards = [str(folder / f"{n}.parquet") for n in (0, 1)]
    rows = datasets.load_dataset("parquet", data_files=shards, **options).with_format(name)
    assert_tokens(row_to_tokens, [rows[0], rows[1]])
    if name not in ("arrow", "polars"):  # they leave mappings of varying keys in JSON
        file = str(folder / "t.jsonl")
        records = datasets.load_dataset("json", data_files=file, **options).with_format(name)
        assert_tokens(from_dict, [records[0], records[1]])


def test_orjson(folder):
    lines = (folder / "t.jsonl").read_bytes().splitlines()
    assert_tokens(from_dict, map(orjson.loads, lines))


def test_times_in_single_precision():
    """At two hours they are off by up to 0.2 ms, more than a time may be off its grid."""
    times = [0.07, 7200.01, 86_399.99]
    row = {"array": np.float32(times), "tensor": torch.tensor(times), "null": np.float32("nan")}
    assert to_plain(row) == {"array": times, "tensor": times}


@pytest.mark.parametrize("convert", [row_to_tokens, from_dict])
def test_what_is_no_row(convert):
    for row in ((1, "a"), "text", None, np.zeros((2, 2))):
        with pytest.raises(TokenError, match="has no names"):
            convert(row)
    with pytest.raises(TokenError, match="a table of 2 rows: pass one row"):
        convert(pd.DataFrame({"version": [1, 1]}))
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(TokenError, match=r"nested too deeply|missing key"):
        convert({"version": 1, "id": endless})
