"""Atomic writes."""

import os
import stat

import pytest

from prosodytok.io.atomic import atomic_path, existing_file
from prosodytok.types.errors import TokenError


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
