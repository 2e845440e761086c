"""Sound files in folders."""

import os

import pytest

from prosodytok.io.sound_folders import find_audio, list_audio
from prosodytok.types.errors import AudioError


def test_find_audio_in_folders(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    for name in ("b/c.FLAC", "a.wav", "b/a.opus", "b/._a.opus", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_audio(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.wav",
        "b/a.opus",
        "b/c.FLAC",
    ]
    assert find_audio(tmp_path / "notes.txt") == [tmp_path / "notes.txt"]


def test_find_audio_in_empty_or_missing_folders(tmp_path):
    with pytest.raises(AudioError, match="no sound file"):
        find_audio(tmp_path)
    with pytest.raises(AudioError, match="no such file or folder"):
        find_audio(tmp_path / "nowhere")


def names(folder):
    return [path.relative_to(folder).as_posix() for path in find_audio(folder)]


def touch(folder, *files):
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_links_are_followed_once(tmp_path):
    touch(tmp_path, "store/b.wav", "store/one.wav", "corpus/real/a.wav")
    corpus = tmp_path / "corpus"
    (corpus / "linked").symlink_to("../store")
    (corpus / "again").symlink_to("../store")
    (corpus / "0real").symlink_to("real")
    (corpus / "real" / "loop").symlink_to("..")
    (corpus / "real" / "self").symlink_to("self")
    (corpus / "real" / "one.wav").symlink_to("../../store/one.wav")
    (corpus / "real" / "gone.wav").symlink_to("nowhere.wav")
    assert names(corpus) == [
        "again/b.wav",
        "again/one.wav",
        "real/a.wav",
        "real/gone.wav",  # reading it raises
        "real/one.wav",
    ]


@pytest.mark.parametrize(
    "suffix", ["au", "caf", "W64", "sph", "oga", "rf64", "aifc", "m4a", "webm"]
)
def test_suffixes(tmp_path, suffix):
    touch(tmp_path, f"a.{suffix}")
    assert names(tmp_path) == [f"a.{suffix}"]


def test_other_files_are_counted(tmp_path):
    touch(tmp_path, "a.wav", "a.TextGrid", "README", "b.doc", "c/d.doc", "c/e", "c/.b", "f.raw")
    assert list_audio(tmp_path).skipped == (
        "skipped 4 files that are not named as sound: .doc (2), .raw (1), no suffix (1)"
    )
    with pytest.raises(AudioError, match=r"no sound file in this folder .* skipped 2 files"):
        find_audio(tmp_path / "c")


def test_a_video_beside_its_sound_is_left_out(tmp_path):
    touch(tmp_path, "a.wav", "a.mp4", "b.mp4")
    assert names(tmp_path) == ["a.wav", "b.mp4"]
    assert "skipped 1 file that is" in list_audio(tmp_path).skipped


def test_a_folder_that_cannot_be_listed_is_not_passed_over(tmp_path, monkeypatch):
    touch(tmp_path, "a.wav", "closed/b.wav")
    scandir = os.scandir

    def refuse(path):
        if path == tmp_path / "closed":
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert names(tmp_path) == ["a.wav", "closed"]


def test_a_dash_is_the_standard_input():
    assert [str(path) for path in find_audio("-")] == ["/dev/stdin"]


def test_pipes_are_counted(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.wav").touch()
    os.mkfifo(tmp_path / "in" / "b.wav")
    (tmp_path / "in" / "c.wav").symlink_to("b.wav")
    found = list_audio(tmp_path / "in")
    assert [path.name for path in found.files] == ["a.wav"]
    assert found.others == {".wav that is no plain file": 2}
