"""Outputs that would replace inputs, or each other."""

from dataclasses import replace
from pathlib import Path

import pytest

from prosodytok.io import write_tokens
from tests.command import call
from tests.sequences.strategies import make_tokens
from tests.synth import glide, harmonics, write


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(harmonics(glide(180, 120), 0.3), tmp_path / "a.wav")


@pytest.mark.parametrize("out", ["a.wav", "link.jsonl"])
def test_a_sound_is_not_replaced_by_its_tokens(sound: Path, out: str, capfd) -> None:
    (sound.parent / "link.jsonl").symlink_to("a.wav")
    content = sound.read_bytes()
    assert call("tokenize", sound, "--out", sound.parent / out) == 2
    assert "would replace an input" in capfd.readouterr().err
    assert sound.read_bytes() == content


def test_a_sound_in_a_folder_is_not_replaced(sound: Path) -> None:
    content = sound.read_bytes()
    assert call("report", sound.parent, "--out", sound) == 2
    assert sound.read_bytes() == content


def test_another_file_in_the_folder_is_replaced(sound: Path) -> None:
    out = sound.with_name("tokens.jsonl")
    out.write_text("old")
    assert call("tokenize", sound.parent, "--out", out) == 0
    assert out.read_text().startswith("{")


def test_an_id_names_one_file(tmp_path: Path, capfd) -> None:
    path = tmp_path / "tokens.jsonl"
    write_tokens(path, [replace(make_tokens(), id=id) for id in ("a", "a", "b")])
    assert call("export", path, "--format", "textgrid", "--out", tmp_path / "grids") == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "the id 'a' occurs twice" in line
    assert sorted(file.name for file in (tmp_path / "grids").iterdir()) == [
        "a.TextGrid",
        "b.TextGrid",
    ]
