"""Tar archives: valid, unusual and damaged ones."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.corpus import archive
from prosodytok.corpus.archive import items_of_archive, unpacked
from prosodytok.types.errors import AudioError

Files = list[tuple[str, bytes]]


def to_tar(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def write_tar(path: Path, files: Files) -> Path:
    path.write_bytes(to_tar(files))
    return path


def problems(path: Path) -> list[str]:
    return [item.problem for item in items_of_archive(path)]


def test_files_of_one_stem_are_one_utterance(tmp_path: Path) -> None:
    metadata = {"id": 7, "speaker": "kathleen", "language": "en", "tiers": {"words": "ortho"}}
    path = write_tar(
        tmp_path / "a.tar",
        [
            ("x/1.flac", b"first"),
            ("x/2.WAV", b"second"),
            ("x/1.txt", b"Hello.\n"),
            ("x/2.json", json.dumps({**metadata, "emotion": "calm"}).encode()),
            ("x/2.TextGrid", b"grid"),
            ("x/notes.pdf", b"?"),
            ("x/._1.flac", b"macOS metadata"),
        ],
    )
    first, second = items_of_archive(path)
    assert (first.source.id, first.text, first.source.units.text) == ("1", "Hello.", "Hello.")
    assert first.source.audio == path / "x/1.flac"
    assert (second.source.id, second.source.speaker, second.language) == ("7", "kathleen", "en")
    assert second.source.units.words_tier == "ortho"
    assert {first.archive, second.archive} == {path}
    with unpacked(second) as source:
        assert source.audio.suffix == ".WAV"
        assert source.audio.read_bytes() == b"second"
        assert source.units.textgrid is not None
        assert source.units.textgrid.read_bytes() == b"grid"
    assert not source.audio.exists()


def test_files_of_longer_names_belong_to_a_sound(tmp_path: Path) -> None:
    """As in LibriTTS and WebDataset; stems may contain dots too."""
    names = ("x/1.wav", "x/1.original.txt", "x/1.normalized.txt", "x/2.0.wav", "x/2.0.txt")
    items = items_of_archive(write_tar(tmp_path / "a.tar", [(name, b"x") for name in names]))
    assert [(item.source.id, item.text) for item in items] == [("1", None), ("2.0", "x")]


def test_deeply_nested_json_fails_one_utterance(tmp_path: Path) -> None:
    files = [("1.wav", b"x"), ("1.json", b"[" * 100_000), ("2.wav", b"x")]
    bad, other = problems(write_tar(tmp_path / "a.tar", files))
    assert "not JSON" in bad
    assert not other


def test_an_id_may_be_the_number_0(tmp_path: Path) -> None:
    (item,) = items_of_archive(
        write_tar(tmp_path / "a.tar", [("a.wav", b"x"), ("a.json", b'{"id": 0}')])
    )
    assert item.source.id == "0"


def test_a_text_of_another_language_is_kept_and_not_aligned(tmp_path: Path) -> None:
    files = [("1.wav", b"x"), ("1.json", b'{"language": "de", "text": "Guten Tag."}')]
    (item,) = items_of_archive(write_tar(tmp_path / "a.tar", files))
    assert (item.text, item.source.units.source) == ("Guten Tag.", None)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("1.txt", b"Hello.")], "found 0"),
        ([("1.wav", b"x"), ("1.flac", b"y")], "found 2"),
        ([("1.wav", b"x"), ("1.json", b"{")], "not JSON"),
        ([("1.wav", b"x"), ("1.json", b"[]")], "no object"),
        ([("1.wav", b"x"), ("1.json", b'{"tiers": 3}')], "tiers"),
        ([("1.wav", b"x"), ("1.txt", b"\xff\xfe")], "UTF-8"),
        ([("1.wav", b"x" * 3000)], "3000 bytes; the limit is 2000"),
        ([("1.wav", b"x"), ("1.TextGrid", b"x" * 3000)], "3000 bytes; the limit is 1000"),
    ],
)
def test_unusable_utterances_are_listed_with_the_reason(
    files: Files, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = ("2.wav", b"x")
    path = write_tar(tmp_path / "a.tar", [*files, good])
    monkeypatch.setattr(archive, "MAX_SOUND", 2000)
    monkeypatch.setattr(archive, "MAX_TEXT", 1000)
    bad, other = items_of_archive(path)
    assert reason in bad.problem
    assert not other.problem
    with pytest.raises(AudioError, match=r"\w"), unpacked(bad):
        pass


def test_names_cannot_escape_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name in ("../../up.wav", "/etc/root.wav", "./here.wav"):
            tar.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("link.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    audio = [item.source.audio for item in items_of_archive(path)]
    assert audio == [path / "up.wav", path / "etc/root.wav", path / "here.wav"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged or cut short"),
        (b"no archive at all" * 100, "damaged or cut short"),
        (to_tar([]), "no sound"),
        (to_tar([("1.pdf", b"x")]), "no sound"),
    ],
)
def test_an_archive_without_sounds(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    (problem,) = problems(path)
    assert reason in problem


def test_a_missing_archive_is_reported(tmp_path: Path) -> None:
    assert "No such file" in problems(tmp_path / "a.tar")[0]


FILES = [(f"{n}.wav", bytes([n]) * 700) for n in range(4)]
#: End of each of the four files in the archive (bytes).
ENDS = [512 + 700 + n * (512 + 1024) for n in range(4)]


@given(length=st.integers(0, 4 * (512 + 1024) + 511))
def test_a_truncated_archive_lists_complete_files_and_the_damage(
    length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.tar"
    path.write_bytes(to_tar(FILES)[:length])
    *items, damage = items_of_archive(path)
    assert damage.problem
    assert damage.source.audio == path
    whole = [n for n, end in enumerate(ENDS) if end <= length]
    assert len(items) - len(whole) in (0, 1)
    for number, item in enumerate(items):
        if number in whole:
            with unpacked(item) as source:
                assert source.audio.read_bytes() == FILES[number][1]
        else:
            with pytest.raises(AudioError, match="cut short"), unpacked(item):
                pass


@given(place=st.integers(0, 4 * (512 + 1024) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_never_hides_files(
    place: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(to_tar(FILES))
    content[place] = byte
    path = tmp_path_factory.mktemp("changed") / "a.tar"
    path.write_bytes(content)
    items = items_of_archive(path)
    assert len(items) >= 4 or items[-1].problem


def test_headers_of_huge_size_are_damage(tmp_path: Path) -> None:
    long_name = tarfile.TarInfo("x")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 1 << 32
    path = tmp_path / "a.tar"
    path.write_bytes(long_name.tobuf() + to_tar(FILES))
    assert "header" in problems(path)[-1]
