"""Standard input and output, pipes and odd names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prosodytok.samples import sample_manifest
from tests.command import call
from tests.synth import glide, harmonics, write

TONE = harmonics(glide(220, 180), 0.5)
SAMPLE = sample_manifest().parent / "austen-0890.flac"


def ids(output: str) -> list[str]:
    return [json.loads(line)["id"] for line in output.splitlines()]


@pytest.mark.slow
def test_a_pipe_from_stdin_to_stdout() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "prosodytok", "tokenize", "-", "--out", "-"],
        input=SAMPLE.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert ids(run.stdout.decode()) == ["stdin"]
    assert run.stderr == b""


def test_stdout_has_the_tokens_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = (sample_manifest().parent / "manifest.jsonl").read_text()
    words = next(line for line in map(json.loads, text.splitlines()) if "0890" in line["audio"])
    assert call("tokenize", SAMPLE, "--text", words["text"], "--out", "-") == 0
    output = capfd.readouterr()
    assert ids(output.out) == ["austen-0890"]
    (tmp_path / "a.jsonl").write_text(output.out)
    assert call("export", tmp_path / "a.jsonl", "--format", "lm", "--out", "-") == 0
    assert capfd.readouterr().out.startswith("austen-0890\t")


def test_a_closed_pipe_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    read, end = os.pipe()
    os.close(read)
    assert call("tokenize", SAMPLE, "--out", f"/dev/fd/{end}") == 0
    os.close(end)
    assert capfd.readouterr().err == ""


def test_names_and_links(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("a.wav", "b.wav", "notes.doc"):
        write(TONE, tmp_path / "a.wav").rename(tmp_path / name)
    write(TONE, tmp_path / "a.wav")
    os.rename(tmp_path / "b.wav", tmp_path / "Stra\udcdfe.wav")  # noqa: PTH104
    (tmp_path / "gone.wav").symlink_to("nowhere.wav")
    assert call("tokenize", tmp_path, "--out", tmp_path / "tokens.jsonl") == 1
    lines = (tmp_path / "tokens.jsonl").read_text().splitlines()
    assert sorted(ids("\n".join(lines))) == ["Stra\\xdfe", "a"]
    assert {json.loads(line)["audio"] for line in lines} == {
        f"{tmp_path}/Stra\\xdfe.wav",
        f"{tmp_path}/a.wav",
    }
    skipped, failed = capfd.readouterr().err.splitlines()
    assert "skipped 1 file that is not named as sound: .doc (1)" in skipped
    assert "gone.wav: a link to nowhere.wav" in failed


def test_a_file_given_by_name_is_read_by_content(tmp_path: Path) -> None:
    path = write(TONE, tmp_path / "a.wav").rename(tmp_path / "a.xyz")
    assert call("features", path, "--out", tmp_path / "out") == 0
    assert (tmp_path / "out" / "a.npz").is_file()
