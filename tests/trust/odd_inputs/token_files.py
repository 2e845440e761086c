"""Token files whose keys are damaged, the new ones above all."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from prosodytok import read_tokens
from prosodytok.io import write_parquet
from prosodytok.types.errors import TokenError
from tests.trust.odd_inputs.checks import (
    Case,
    clean,
    clean_tokens,
    command,
    expect,
    first,
    refused,
)
from tests.trust.odd_inputs.registers import lines, record

NAN, INF = float("nan"), float("inf")
#: Key and values that are refused.
WRONG: dict[str, tuple[Any, ...]] = {
    "offset": (-1, NAN, INF, "0.5", True, [0.5], 1e300),
    "speaker": (7, ["ann"], {"name": "ann"}),
    "warnings": ("a sentence", [7], {"0": "a"}, [None], [["a"]]),
    "f0_floor": (-75, 0, NAN, "75", [75], True, INF),
    "f0_ceiling": (-1, INF, {}, "600 Hz"),
    "sound_duration": (-1, 0, NAN, 99.0, "3.3", 1e12),
    "source": (3, ["acoustic"]),
}
#: Keys and values that are read, and those that result.
RIGHT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "without the new keys": ({}, {"speaker": "", "offset": None, "warnings": ()}),
    "null in all of them": (
        dict.fromkeys(
            ("offset", "speaker", "warnings", "f0_floor", "f0_ceiling", "sound_duration")
        ),
        {"speaker": "", "offset": None, "warnings": (), "f0_floor": None},
    ),
    "whole numbers": (
        {"offset": 3, "f0_floor": 75, "f0_ceiling": 600},
        {"offset": 3, "f0_floor": 75},
    ),
    "empty": ({"speaker": "", "warnings": []}, {"speaker": "", "warnings": ()}),
    "unknown keys": ({"mos": 4.2, "offset_end": None}, {"offset": None}),
    "texts of 100,000 letters": ({"warnings": ["x" * 100_000]}, {"warnings": ("x" * 100_000,)}),
    "a speaker with a line break and emoji": ({"speaker": "a\n🙂"}, {"speaker": "a\n🙂"}),
    "offset 0": ({"offset": 0.0}, {"offset": 0.0}),
}


def cases() -> Iterator[Case]:
    for key, values in WRONG.items():
        for value in values:
            yield Case("token files", f"{key} {value!r}", "error with file, line and key",
                       partial(_wrong, key=key, value=value))  # fmt: skip
    for name, (changes, right) in RIGHT.items():
        yield Case(
            "token files",
            name,
            "read, also from Parquet",
            partial(_right, changes=changes, right=right),
        )
    for name, check, result in (
        ("floor over ceiling", _contradiction, "error"),
        ("half a surrogate pair as speaker", _surrogate, "read, refused when written"),
        ("a speaker twice in an object", _twice, "read"),
        ("Parquet with a text as offset", partial(_column, name="offset", values=["x"]), "error"),
        ("Parquet with numbers as warnings", partial(_column, name="warnings", values=[[1.5]]), "error"),
        ("Parquet with a negative floor", partial(_column, name="f0_floor", values=[-3.0]), "error"),
        ("plot of a part after the end of the sound", _plot, "error with both files"),
        ("resynthesis of a part of another length", _resynthesize, "error or the part"),
    ):  # fmt: skip
        yield Case("token files", name, result, check)


def _wrong(folder: Path, key: str, value: Any) -> str:
    path = lines(folder, "t.jsonl", record(), record(**{key: value}))
    named = [] if value in (INF, -INF) or value != value or key == "sound_duration" else [key]
    return refused(TokenError, lambda: read_tokens(path), "t.jsonl, line 2", *named)


def _right(folder: Path, changes: dict[str, Any], right: dict[str, Any]) -> str:
    base = record()
    for key in ("offset", "speaker", "warnings", "f0_floor", "f0_ceiling", "sound_duration"):
        base.pop(key, None)
    path = lines(folder, "t.jsonl", {**base, **changes})
    (tokens,) = read_tokens(path)
    write_parquet(folder / "t.parquet", [tokens])
    (again,) = read_tokens(folder / "t.parquet")
    wrong = [
        f"{key} {getattr(item, key)!r:.60}"
        for key, value in right.items()
        for item in (tokens, again)
        if getattr(item, key) != value
    ]
    return first(*wrong)


def _contradiction(folder: Path) -> str:
    path = lines(folder, "t.jsonl", record(f0_floor=300.0, f0_ceiling=200.0))
    return refused(TokenError, lambda: read_tokens(path), "t.jsonl")


def _surrogate(folder: Path) -> str:
    path = lines(folder, "t.jsonl", record(speaker="\ud800"))
    outcome = command("export", path, "--format", "parquet", "--out", folder / "t.parquet")
    return first(
        expect(outcome, 1, "Unicode", lines=1), "" if len(read_tokens(path)) == 1 else "lost"
    )


def _twice(folder: Path) -> str:
    text = json.dumps(record())[:-1] + ', "speaker": "ann", "speaker": "ben"}\n'
    (folder / "t.jsonl").write_text(text)
    found = read_tokens(folder / "t.jsonl")[0].speaker
    return "" if found in ("ann", "ben") else found


def _column(folder: Path, name: str, values: list[Any]) -> str:
    path = folder / "t.parquet"
    write_parquet(path, [clean_tokens()])
    table = pq.read_table(path)
    table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
    pq.write_table(table, path)
    return refused(TokenError, lambda: read_tokens(path), "t.parquet")


def _plot(folder: Path) -> str:
    clean().write(folder / "talk.wav")
    path = lines(folder, "t.jsonl", record(offset=60.0))
    outcome = command("plot", folder / "talk.wav", "--tokens", path, "--out", folder / "a.png")
    problem = expect(outcome, 1, "talk.wav", "60", lines=1)
    return first(problem, "a figure" if (folder / "a.png").exists() else "")


def _resynthesize(folder: Path) -> str:
    clean().write(folder / "talk.wav")
    path = lines(folder, "t.jsonl", record(offset=1.0))
    outcome = command(
        "resynthesize", folder / "talk.wav", "--tokens", path, "--out", folder / "b.wav"
    )
    return expect(outcome, 1, "talk.wav", lines=1)
