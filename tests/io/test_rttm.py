"""RTTM files."""

from __future__ import annotations

from pathlib import Path

import pytest

from prosodytok.io.rttm import Turn, read_rttm
from prosodytok.types.errors import SegmentationError

TURN = "SPEAKER a 1 0.5 1.25 <NA> <NA> Ann <NA> <NA>"


def write(folder: Path, *lines: str) -> Path:
    path = folder / "a.rttm"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_turns_by_file_id(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufeff;; a comment",
        "SPKR-INFO a 1 <NA> <NA> <NA> adult_female Ann <NA>",
        TURN,
        "",
        "SPEAKER\tb\t2\t0\t1e1\t<NA>\t<NA>\tÖ",
        "SPEAKER a 1 .1 .2 <NA> <NA> Ben <NA> <NA>",
    )
    turns = read_rttm(path)
    assert list(turns) == ["a", "b"]
    assert turns["a"][0] == Turn(0.5, 1.75, "Ann")
    assert turns["b"] == [Turn(0.0, 10.0, "Ö")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("SPEAKER a 1 0.5 1.25 <NA> <NA>", "line 2: 7 fields"),
        ("SPEAKER a 1 0.5 1.25 <NA> <NA> Ann B <NA> <NA>", "line 2: 11 fields"),
        ("SPEAKER a 1 x 1.25 <NA> <NA> Ann <NA> <NA>", "line 2: could not convert"),
        ("SPEAKER a 1 nan 1.25 <NA> <NA> Ann <NA> <NA>", "line 2: no turn starts at nan"),
        ("SPEAKER a 1 0.5 -1 <NA> <NA> Ann <NA> <NA>", "line 2: no turn"),
        ("SPEAKER a 1 0.5 1 <NA> <NA> <NA> <NA> <NA>", "line 2: the speaker has no name"),
        ("0.5\t1.75\tAnn", "line 2: 0.5 is no type of RTTM"),
        ("SPEAKER", "line 2: "),
    ],
)
def test_damaged_lines(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(SegmentationError, match=problem):
        read_rttm(write(tmp_path, TURN, line))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SegmentationError, match="no turn of a speaker"):
        read_rttm(write(tmp_path, ""))
    (tmp_path / "a.rttm").write_bytes(TURN.encode("utf-16"))
    with pytest.raises(SegmentationError, match="cannot be read"):
        read_rttm(tmp_path / "a.rttm")
    with pytest.raises(SegmentationError, match="cannot be read"):
        read_rttm(tmp_path)
