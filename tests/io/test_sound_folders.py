"""Sound files in folders."""

import pytest

from prosodytok.io.sound_folders import find_audio
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
