"""Parquet and safetensors: exact round trips and errors; selection of the format by suffix."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from prosodytok.io import (
    parquet_schema,
    read_parquet,
    read_safetensors,
    read_tokens,
    row_to_tokens,
    tokens_to_row,
    write_parquet,
    write_safetensors,
    write_tokens,
)
from prosodytok.types.errors import TokenError
from tests.sequences.strategies import SUBSETS, assert_same, make_tokens, prosody_tokens

SUFFIXES = [".jsonl", ".parquet", ".safetensors"]
pytestmark = pytest.mark.filterwarnings("ignore:.*token files in safetensors:DeprecationWarning")


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(utterances=st.lists(prosody_tokens(), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, suffix, utterances):
    path = tmp_path_factory.mktemp("tokens") / f"t{suffix}"
    write_tokens(path, iter(utterances))
    loaded = read_tokens(path)
    assert len(loaded) == len(utterances)
    for a, b in zip(utterances, loaded, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_every_subset_of_levels(tmp_path, suffix, names):
    tokens = make_tokens(labels=('a "b"', "", "世界\n"), names=names)
    write_tokens(tmp_path / f"t{suffix}", [tokens])
    (loaded,) = read_tokens(str(tmp_path / f"t{suffix}"))
    assert_same(loaded, tokens)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_errors_of_all_formats(tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    with pytest.raises(TokenError, match="no such file"):
        read_tokens(path)
    with pytest.raises(TokenError, match="no utterance to write"):
        write_tokens(path, [])
    with pytest.raises(TokenError, match="not Unicode"):
        write_tokens(path, [make_tokens(labels=("caf\udce9", "", ""))])
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"RIFF\xff\xfe\x00\x00WAVEfmt ")
    with pytest.raises(TokenError, match=rf"t\{suffix}"):
        read_tokens(path)
    path.write_bytes(b"")
    with pytest.raises(TokenError, match=rf"t\{suffix}"):
        read_tokens(path)


@pytest.mark.parametrize("suffix", [".parquet", ".safetensors"])
def test_a_truncated_file(tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    write_tokens(path, [make_tokens()])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TokenError, match=rf"t\{suffix}"):
        read_tokens(path)


def test_other_suffixes(tmp_path):
    for action in (lambda: read_tokens("t.txt"), lambda: write_tokens(tmp_path / "t", [])):
        with pytest.raises(TokenError, match=r"ends in \.jsonl, \.parquet, \.safetensors"):
            action()


def test_parquet_is_flat(tmp_path):
    write_parquet(tmp_path / "t.parquet", [make_tokens(), make_tokens(names=["word"])])
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema.equals(parquet_schema())
    assert table["id"].to_pylist() == ["utterance", "utterance"]
    assert table["register_f0_median_hz"].to_pylist() == [150.0, 150.0]
    assert table["word_codes"][0].as_py() == [[1, 2], [2, 3], [3, 0]]
    assert table["word_label"][0].as_py() == ["never", "", "mind"]
    assert table["phrase_start"].to_pylist() == [[0.0, 0.42], None]
    assert table["bits_frame"].to_pylist() == [65.0, None]


def test_rows_of_other_tables():
    rows = [tokens_to_row(make_tokens()), tokens_to_row(make_tokens(names=["frame"]))]
    table = pa.Table.from_pylist(rows).append_column("mood", [["glad", "sad"]])
    for row, names in zip(
        table.to_pylist(), [("phrase", "word", "frame"), ("frame",)], strict=True
    ):
        row["bits_frame"] = 0.0  # recomputed, never trusted
        assert_same(row_to_tokens(row), make_tokens(names=names))


def write_damaged_parquet(path, **columns):
    row = tokens_to_row(make_tokens()) | columns
    pq.write_table(pa.Table.from_pylist([tokens_to_row(make_tokens()), row]), path)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"num_frames": None}, "missing key 'num_frames'"),
        ({"version": 7}, "version 7"),
        ({"word_start": None}, r"levels\[1\]: missing key 'start'"),
        ({"word_codes": [[1, 2], [2, 3], [99, 0]]}, "outside its codebook"),
        ({"duration": float("inf")}, "duration: .*finite"),
        ({"duration": float("nan")}, "missing key .duration."),  # null in pandas
    ],
)
def test_errors_name_the_row(tmp_path, columns, message):
    path = tmp_path / "t.parquet"
    write_damaged_parquet(path, **columns)
    with pytest.raises(TokenError, match=rf"t\.parquet, row 1: .*{message}"):
        read_parquet(path)


def test_a_parquet_file_without_rows_or_of_another_kind(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": pa.array([], pa.string())}), path)
    with pytest.raises(TokenError, match="empty"):
        read_parquet(path)
    pq.write_table(pa.table({"price": [1.0]}), path)
    with pytest.raises(TokenError, match="row 0: not a record of prosody tokens"):
        read_parquet(path)


@pytest.mark.parametrize("write", [write_safetensors, write_tokens])
@pytest.mark.parametrize("read", [read_safetensors, read_tokens])
def test_safetensors_is_deprecated(tmp_path, write, read):
    path = tmp_path / "t.safetensors"
    for action in (lambda: write(path, [make_tokens()]), lambda: read(path)):
        with pytest.warns(DeprecationWarning, match=r"t\.safetensors: .*\.jsonl or \.parquet"):
            action()


def test_safetensors_contains_plain_arrays(tmp_path):
    tokens = make_tokens()
    write_safetensors(tmp_path / "t.safetensors", [tokens, make_tokens(names=["frame"])])
    tensors = load_file(tmp_path / "t.safetensors")
    assert {name.split(".")[0] for name in tensors} == {"0", "1"}
    np.testing.assert_array_equal(tensors["0.word.codes"], tokens["word"].codes)
    np.testing.assert_array_equal(tensors["0.word.boundaries"], [0, 30, 42, 100])
    assert set(tensors) >= {"1.frame.codes", "1.frame.boundaries"}
    assert "1.word.codes" not in tensors


def damage_safetensors(path, change):
    """Write valid tokens, then apply `change` to tensors, metadata and headers."""
    write_safetensors(path, [make_tokens()])
    tensors = load_file(path)
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    headers = json.loads(metadata.pop("utterances"))
    change(tensors, metadata, headers)
    metadata.setdefault("utterances", json.dumps(headers))
    save_file(tensors, path, metadata)


DAMAGES = {
    "other file": (lambda _, m, __: m.update(format="pt"), "not of prosody tokens"),
    "no list": (lambda _, m, __: m.update(utterances="{"), "lists no utterances"),
    "list of nothing": (lambda _, m, __: m.update(utterances="[]"), "empty"),
    "no objects": (
        lambda _, m, __: m.update(utterances="[1]"),
        "utterance 0: its header is damaged",
    ),
    "no tensor": (lambda t, _, __: t.pop("0.word.codes"), "utterance 0: .*0.word.codes"),
    "no name": (lambda _, __, h: h[0]["levels"][0].pop("name"), "utterance 0: .*'name'"),
    "no rate": (lambda _, __, h: h[0].pop("frame_rate"), "utterance 0: .*'frame_rate'"),
    "rate as text": (lambda _, __, h: h[0].update(frame_rate="1"), "utterance 0: .*damaged"),
    "rate of zero": (lambda _, __, h: h[0].update(frame_rate=0), "utterance 0: .*damaged"),
    "no levels": (lambda _, __, h: h[0].pop("levels"), "utterance 0: .*'levels'"),
    "levels of text": (lambda _, __, h: h[0].update(levels="a"), "utterance 0: .*damaged"),
    "no checkpoint": (lambda _, __, h: h[0].pop("checkpoint"), "missing key 'checkpoint'"),
    "code too large": (lambda t, _, __: t["0.word.codes"].fill(99), "outside its codebook"),
    "code of another kind": (
        lambda t, _, __: t.update({"0.word.codes": np.zeros((2, 3))}),
        r"codes of float64 .* int64 is needed",
    ),
    "wrong shape": (
        lambda t, _, __: t.update({"0.word.codes": np.zeros(3, dtype=np.int64)}),
        r"codes of shape \(3,\)",
    ),
    "edges in a square": (
        lambda t, _, __: t.update({"0.word.boundaries": np.zeros((2, 2), dtype=np.int64)}),
        "utterance 0",
    ),
    "edge alone": (
        lambda t, _, __: t.update({"0.word.boundaries": np.array(3)}),
        "utterance 0",
    ),
}


@pytest.mark.parametrize(("change", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_safetensors_file(tmp_path, change, message):
    path = tmp_path / "t.safetensors"
    damage_safetensors(path, change)
    with pytest.raises(TokenError, match=rf"t\.safetensors: .*{message}"):
        read_safetensors(path)


def test_a_header_too_long_for_safetensors(tmp_path):
    tokens = make_tokens(labels=("a" * 100_000_001, "", ""), names=["word"])
    with pytest.raises(TokenError, match="cannot hold these"):
        write_safetensors(tmp_path / "t.safetensors", [tokens])
    assert list(tmp_path.iterdir()) == []
