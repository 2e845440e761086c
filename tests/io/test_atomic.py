"""Atomic writes."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from prosodytok.io.atomic import atomic_path, existing_file, open_output, write_text
from prosodytok.types.errors import OutputClosedError, TokenError


def test_written_file_replaces_the_target(tmp_path):
    target = tmp_path / "a.jsonl"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
        assert temporary.suffix == ".jsonl"
        assert temporary.parent == tmp_path
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_folders_are_created(tmp_path):
    with atomic_path(str(tmp_path / "deep" / "er" / "a.txt")) as temporary:
        temporary.write_text("x")
    assert (tmp_path / "deep" / "er" / "a.txt").read_text() == "x"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_keeps_the_old_file_and_leaves_nothing_else(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail():
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_failure_before_anything_is_written(tmp_path):
    def fail():
        with atomic_path(tmp_path / "a.txt"):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("x")
    with atomic_path(tmp_path / "atomic") as temporary:
        temporary.write_text("x")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "atomic")}
    assert len(modes) == 1


def test_existing_file(tmp_path):
    (tmp_path / "a").touch()
    assert existing_file(str(tmp_path / "a"), TokenError) == tmp_path / "a"
    with pytest.raises(TokenError, match="b: no such file"):
        existing_file(tmp_path / "b", TokenError)
    with pytest.raises(TokenError, match="no such file"):
        existing_file(tmp_path, TokenError)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_mode_of_a_file_is_kept(tmp_path):
    target = tmp_path / "a.txt"
    target.touch(mode=0o600)
    write_text(target, "new")
    assert (target.read_text(), mode(target)) == ("new", 0o600)


def test_links_are_followed(tmp_path):
    real, link, dangling = tmp_path / "disk" / "real", tmp_path / "link", tmp_path / "dangling"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to("disk/real")
    dangling.symlink_to("disk/new")
    write_text(link, "new")
    write_text(dangling, "new too")
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert (real.read_text(), (tmp_path / "disk" / "new").read_text()) == ("new", "new too")
    assert len(list(real.parent.iterdir())) == 2


def test_hard_links_show_the_new_content(tmp_path):
    (tmp_path / "a").write_text("a longer text than before")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    write_text(tmp_path / "b", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("write", [write_text, "atomic_path"])
def test_a_fifo_receives_the_content(tmp_path, write):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    received = []
    reader = threading.Thread(target=lambda: received.append(fifo.read_text()))
    reader.start()
    if callable(write):
        write(fifo, "text")
    else:
        with atomic_path(fifo) as path:
            path.write_text("text")
    reader.join()
    assert received == ["text"]
    assert fifo.is_fifo()


def test_a_descriptor_receives_each_write():
    read, write = os.pipe()
    with open_output(f"/dev/fd/{write}") as file:
        file.write(b"one")
        assert os.read(read, 10) == b"one"
    os.close(read)
    with pytest.raises(OutputClosedError), open_output(f"/dev/fd/{write}") as file:
        file.write(b"two")
    os.close(write)


def test_what_follows_in_an_appended_file_is_kept(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"before ")
    with path.open("ab") as file:
        write_text(f"/dev/fd/{file.fileno()}", "after")
    assert path.read_text() == "before after"


def test_devices_are_written_through():
    write_text("/dev/null", "text")
    assert not Path("/dev/null").is_file()
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_text("/dev/full", "text")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path, "text")
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_file_is_not_replaced(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    target.write_text("old")
    monkeypatch.setattr("os.access", lambda path, _: path != target)
    with pytest.raises(PermissionError, match=r"a\.txt"):
        write_text(target, "new")
    assert target.read_text() == "old"


def test_a_file_in_a_read_only_folder_is_overwritten(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    target.write_text("old, and longer")
    monkeypatch.setattr("os.access", lambda path, _: path == target)
    write_text(target, "new")
    assert target.read_text() == "new"


def test_errors_name_the_target(tmp_path):
    with pytest.raises(OSError, match=r"a\.txt"), atomic_path(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError, match=r"a\.txt"), atomic_path(tmp_path / "a.txt"):
        pass  # nothing is written


def test_a_loop_of_links_stays(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"links.*a'"):
        write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").is_symlink()


def test_a_descriptor_that_is_not_open_is_named():
    with pytest.raises(OSError, match="/dev/fd/999"):
        write_text("/dev/fd/999", "new")
