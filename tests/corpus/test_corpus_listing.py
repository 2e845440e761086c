"""Utterances of a corpus: order, ids and invalid inputs."""

import json
from pathlib import Path

import pytest

from prosodytok.corpus.corpus_listing import expand_braces, find_items
from prosodytok.types.errors import ConfigError, ManifestError
from prosodytok.types.segmentation import UnitRequest
from tests.corpus.test_archive import write_tar


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_folders_list_sounds_and_archives_in_order(tmp_path: Path) -> None:
    touch(tmp_path / "c/1.wav")
    touch(tmp_path / "a/1.flac")
    touch(tmp_path / "a/readme.md")
    write_tar(tmp_path / "b.tar", [("1.wav", b"x"), ("0.wav", b"x")])
    items = find_items([tmp_path])
    assert [item.source.id for item in items] == ["1", "1_2", "0", "1_3"]
    names = ["a/1.flac", "b.tar/1.wav", "b.tar/0.wav", "c/1.wav"]
    assert [item.source.audio for item in items] == [tmp_path / name for name in names]


def test_the_manifest_defines_the_source_of_words(tmp_path: Path) -> None:
    lines = [
        {"audio": "1.wav", "text": "Hello."},
        {"audio": "2.wav", "textgrid": "2.TextGrid", "text": "Hello.", "speaker": "s"},
        {"audio": "3.wav", "text": "Hallo.", "language": "nl"},
        {"audio": "4.wav"},
    ]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)))
    items = find_items([manifest])
    assert [i.source.units.source for i in items] == [
        "transcript",
        "textgrid",
        None,  # the tokenizer's own
        None,
    ]
    assert [i.text for i in items] == ["Hello.", "Hello.", "Hallo.", None]
    assert items[1].source.speaker == "s"
    assert {i.source.units.source for i in find_items([manifest], "learned")} == {"learned"}


@pytest.mark.parametrize("means", ["given", "even"])
def test_segments_of_a_recording_keep_offset_and_duration(
    means: UnitRequest, tmp_path: Path
) -> None:
    line = {"audio": "1.wav", "id": "part", "offset": 1.5, "duration": 0.5}
    (tmp_path / "m.jsonl").write_text(json.dumps(line))
    (item,) = find_items([tmp_path / "m.jsonl"], means)
    assert (item.source.offset, item.source.duration) == (1.5, 0.5)


def test_braces_expand_to_ranges() -> None:
    assert list(map(str, expand_braces(["a", "s-{08..10}.tar"]))) == [
        "a",
        *(f"s-{n}.tar" for n in ("08", "09", "10")),
    ]
    assert list(map(str, expand_braces(["{0..1}{1..2}"]))) == ["01", "02", "11", "12"]
    with pytest.raises(ConfigError, match="backwards"):
        list(expand_braces(["{2..1}"]))


def test_a_missing_archive_of_a_range_does_not_stop_the_others(tmp_path: Path) -> None:
    write_tar(tmp_path / "s-1.tar", [("1.wav", b"x")])
    missing, found = find_items([tmp_path / "s-{0..1}.tar"])
    assert "No such file" in missing.problem
    assert not found.problem


@pytest.mark.parametrize("name", ["missing", "empty", "a.xyz"])
def test_invalid_inputs_are_errors(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path / "a.xyz")
    with pytest.raises(ConfigError, match=name):
        find_items([tmp_path / name])
    with pytest.raises(ManifestError):
        find_items([tmp_path / "missing.jsonl"])
