"""Speakers, F0 ranges and warnings on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import parquet

from prosodytok import read_tokens
from prosodytok.types.prosody import Prosody
from tests.command import call
from tests.synth import glide, harmonics, join, modulated, silence, vibrato, write

DOUBT = "two voices? F0 centres at"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two voices of 110 and 220 Hz, 0.8 s each."""
    low, high = (modulated(harmonics(vibrato(hz), 0.8)) for hz in (110.0, 220.0))
    write(join(low, silence(0.3), high), tmp_path / "talk.wav")
    return tmp_path / "talk.wav"


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_doubts_are_one_line_per_file(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = talk.with_name("tokens.jsonl")
    write(harmonics(glide(180, 120), 0.5), talk.with_name("clear.wav"))
    assert call("tokenize", talk.parent, "--out", tokens) == 0
    (line,) = lines(capsys)
    assert line.startswith(f"prosodytok: warning: {talk}: {DOUBT}")
    clear, doubtful = read_tokens(tokens)
    assert (clear.warnings, len(doubtful.warnings)) == ((), 1)
    assert call("features", talk, "--out", talk.parent / "npz") == 0
    assert call("plot", talk, "--tokens", tokens, "--out", talk.with_name("talk.png")) == 0
    out = talk.with_name("out.wav")
    assert call("resynthesize", talk, "--tokens", tokens, "--out", out) == 0
    assert [DOUBT in line for line in lines(capsys)] == [True] * 3


def test_turns_of_speakers(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rttm, tokens = talk.with_suffix(".rttm"), talk.with_name("tokens.jsonl")
    turns = ((0.0, 0.9, "Ben"), (1.0, 0.9, "Ann"), (0.6, 0.2, "Ann"), (5.0, 1.0, "Ann"))
    rttm.write_text("".join(f"SPEAKER talk 1 {a} {d} <NA> <NA> {s}\n" for a, d, s in turns))
    assert call("tokenize", talk, "--speakers", rttm, "--out", tokens) == 1
    problem, doubts = lines(capsys)
    assert problem.startswith(f"prosodytok: {talk}: turn of Ann from 5.00 to 6.00 s: the sound")
    assert doubts == (
        f"prosodytok: warning: {talk}: talk-Ben-001: another speaker overlaps 0.2 s; "
        "talk-Ann-001: another speaker overlaps 0.2 s"
    )
    ben, first, ann = read_tokens(tokens)
    assert (ben.id, ben.speaker, ben.offset) == ("talk-Ben-001", "Ben", 0.0)
    assert (ann.id, ann.speaker, ann.offset) == ("talk-Ann-002", "Ann", 1.0)
    assert first.register.f0_median_hz == ann.register.f0_median_hz
    assert call("plot", talk, "--tokens", tokens, "--out", talk.with_name("a.png")) == 1
    assert "choose with --id, such as talk-Ben-001" in lines(capsys)[0]
    out = talk.with_name("out.wav")
    options = ("--tokens", tokens, "--id", "talk-Ann-002", "--out", out)
    assert call("resynthesize", talk, *options) == 0
    assert call("features", out, "--out", talk.parent / "npz") == 0
    prosody = Prosody.from_npz(talk.parent / "npz" / "out.npz")
    assert prosody.num_frames == ann.num_frames
    assert 180 < prosody.f0.mean() < 260  # not Ben
    again = talk.with_name("again.jsonl")
    assert call("tokenize", talk, "--register-from", tokens, "--out", again) == 1
    assert "its speaker is not known" in lines(capsys)[0]


def test_the_f0_range_of_an_option_and_of_a_manifest(talk: Path) -> None:
    def f0(*options: object) -> float:
        assert call("features", talk, "--out", talk.parent, *options) == 0
        prosody = Prosody.from_npz(talk.with_suffix(".npz"))
        return float(prosody.f0[prosody.voiced].max())

    assert f0("--f0-floor", 60) > 200
    assert f0("--f0-floor", 60, "--f0-ceiling", 150) < 150
    assert call("features", talk, "--out", talk.parent, "--f0-floor", 39) == 2
    line = {"audio": "talk.wav", "f0_floor": 160, "speaker": "Ann"}
    manifest = talk.with_name("m.jsonl")
    manifest.write_text(json.dumps(line))
    tokens = talk.with_name("tokens.jsonl")
    options = ("--segments", manifest, "--f0-floor", 60, "--out", tokens)
    assert call("tokenize", talk, *options) == 0
    (found,) = read_tokens(tokens)
    assert found.speaker == "Ann"
    assert found.register.f0_median_hz > 160
    assert call("tokenize", talk, *options, "--f0-ceiling", 150) == 2


@pytest.mark.slow
def test_datasets_have_warnings_and_registers_of_speakers(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, out = talk.with_name("m.jsonl"), talk.parent / "dataset"
    parts = ({"offset": 0.0, "duration": 0.8}, {"offset": 1.1, "duration": 0.8}, {})
    rows = [{"audio": "talk.wav", "id": str(n), "speaker": "s"} | p for n, p in enumerate(parts)]
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ("extract", manifest, "--register-from", manifest, "--out", out, "--workers", 1)
    assert call(*command) == 0
    (line,) = lines(capsys)
    assert line.startswith(f"prosodytok: warning: {talk}: {DOUBT}")
    table = parquet.read_table(out / "data" / "000000.parquet").to_pylist()
    assert [row["offset"] for row in table] == [0.0, 1.1, None]
    assert [len(row["warnings"] or ()) for row in table] == [0, 0, 1]
    assert len({row["register_f0_median_hz"] for row in table}) == 1
    assert call(*command, "--resume") == 0
