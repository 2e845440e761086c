"""Outputs that are no plain files, or cannot be written."""

import os
import stat
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from prosodytok import read_tokens
from tests.trust.odd_inputs.checks import (
    Case,
    clean,
    clean_tokens,
    command,
    expect,
    first,
)

OLD = b"what was there before\n"


def cases() -> Iterator[Case]:
    for name, check, right in (
        ("/dev/null", _null, "exit code 0"),
        ("/dev/full", _full_device, "exit code 2, its name"),
        ("-", _dash, "one line of JSON, nothing else"),
        ("/dev/stderr", _stderr, "tokens on stderr"),
        ("/dev/fd/N", _descriptor, "written through"),
        ("/dev/fd/999", _no_descriptor, "exit code 2"),
        ("a FIFO", _fifo, "all tokens"),
        ("a closed pipe", _closed, "exit code 0, nothing said"),
        ("a link", _link, "its target is written"),
        ("a link to a link to nothing", _dangling, "the file is created"),
        ("a loop of links", _loop, "exit code 2"),
        ("two hard links", _hard, "both show the tokens"),
        ("mode 0640", partial(_mode, mode=0o640), "kept"),
        ("a folder", _folder, "exit code 2"),
        ("a folder that is missing", _new_folder, "created"),
        ("a file as a folder", _under_file, "exit code 2"),
        ("a name of 300 letters", _long, "exit code 2"),
        ("a name of 255 bytes", _longest, "written"),
        ("a name with a line break", _line_break, "written"),
        ("empty", _empty_name, "exit code 2"),
        ("ids that climb out of the folder", _climbing, "one line of error"),
        ("two lines of one id, as files", _same_ids, "error, or both"),
    ):
        yield Case("outputs", name, right, check)


def sound_file(folder: Path, name: str = "a.wav") -> Path:
    clean().write(folder / name)
    return folder / name


def _run(folder: Path, out: object) -> tuple[int, str, list[str]]:
    outcome = command("tokenize", sound_file(folder), "--out", out)
    return outcome.code, outcome.out, outcome.errors


def _check(folder: Path, out: object, code: int, *words: str, lines: int | None = None) -> str:
    return expect(command("tokenize", sound_file(folder), "--out", out), code, *words, lines=lines)


def _null(folder: Path) -> str:
    problem = _check(folder, "/dev/null", 0, lines=0)
    return first(problem, "" if stat.S_ISCHR(Path("/dev/null").stat().st_mode) else "replaced")


def _full_device(folder: Path) -> str:
    return _check(folder, "/dev/full", 2, "/dev/full", lines=1)


def _dash(folder: Path) -> str:
    code, out, errors = _run(folder, "-")
    (folder / "o.jsonl").write_text(out)
    return (
        ""
        if code == 0 and not errors and len(read_tokens(folder / "o.jsonl")) == 1
        else f"{errors}"
    )


def _stderr(folder: Path) -> str:
    code, out, errors = _run(folder, "/dev/stderr")
    return "" if code == 0 and not out and len(errors) == 1 and errors[0][0] == "{" else f"{errors}"


def _descriptor(folder: Path) -> str:
    with (folder / "o.jsonl").open("wb") as file:
        file.write(OLD)
        file.flush()
        problem = _check(folder, f"/dev/fd/{file.fileno()}", 0, lines=0)
    content = (folder / "o.jsonl").read_bytes()
    return first(problem, "" if content.startswith(OLD + b"{") else f"{content[:60]!r}")


def _no_descriptor(folder: Path) -> str:
    return _check(folder, "/dev/fd/999", 2, "/dev/fd/999", lines=1)


def _fifo(folder: Path) -> str:
    os.mkfifo(folder / "fifo")
    found: list[bytes] = []
    reader = threading.Thread(
        target=lambda: found.append((folder / "fifo").read_bytes()), daemon=True
    )
    reader.start()
    problem = _check(folder, folder / "fifo", 0, lines=0)
    reader.join(5)
    is_fifo = stat.S_ISFIFO((folder / "fifo").stat().st_mode)
    return first(problem, "" if is_fifo and found and found[0].count(b"\n") == 1 else "lost")


def _closed(folder: Path) -> str:
    read, written = os.pipe()
    os.close(read)
    problem = _check(folder, f"/dev/fd/{written}", 0, lines=0)
    os.close(written)
    return problem


def holds(path: Path) -> str:
    return "" if len(read_tokens(path)) == 1 else "no tokens"


def _link(folder: Path) -> str:
    (folder / "real.jsonl").write_bytes(OLD)
    (folder / "link.jsonl").symlink_to("real.jsonl")
    problem = _check(folder, folder / "link.jsonl", 0, lines=0)
    kept = (folder / "link.jsonl").is_symlink()
    return first(problem, "" if kept else "replaced", holds(folder / "real.jsonl"))


def _dangling(folder: Path) -> str:
    (folder / "one.jsonl").symlink_to("two.jsonl")
    (folder / "two.jsonl").symlink_to("new/three.jsonl")
    problem = _check(folder, folder / "one.jsonl", 0, lines=0)
    return first(problem, holds(folder / "new" / "three.jsonl"))


def _loop(folder: Path) -> str:
    (folder / "one.jsonl").symlink_to("two.jsonl")
    (folder / "two.jsonl").symlink_to("one.jsonl")
    problem = _check(folder, folder / "one.jsonl", 2, "one.jsonl", lines=1)
    return first(problem, "" if (folder / "two.jsonl").is_symlink() else "replaced")


def _hard(folder: Path) -> str:
    (folder / "one.jsonl").write_bytes(OLD)
    os.link(folder / "one.jsonl", folder / "two.jsonl")
    return first(_check(folder, folder / "one.jsonl", 0, lines=0), holds(folder / "two.jsonl"))


def _mode(folder: Path, mode: int) -> str:
    (folder / "o.jsonl").write_bytes(OLD)
    (folder / "o.jsonl").chmod(mode)
    problem = _check(folder, folder / "o.jsonl", 0, lines=0)
    found = stat.S_IMODE((folder / "o.jsonl").stat().st_mode)
    return first(problem, "" if found == mode else oct(found))


def _folder(folder: Path) -> str:
    (folder / "d").mkdir()
    return _check(folder, folder / "d", 2, "/d", lines=1)


def _new_folder(folder: Path) -> str:
    return first(_check(folder, folder / "x/y/o.jsonl", 0, lines=0), holds(folder / "x/y/o.jsonl"))


def _under_file(folder: Path) -> str:
    (folder / "f").write_bytes(OLD)
    return _check(folder, folder / "f" / "o.jsonl", 2, "/f", lines=1)


def _long(folder: Path) -> str:
    return _check(folder, folder / ("o" * 294 + ".jsonl"), 2, "oooo", lines=1)


def _longest(folder: Path) -> str:
    path = folder / ("o" * 249 + ".jsonl")
    return first(_check(folder, path, 0, lines=0), holds(path))


def _line_break(folder: Path) -> str:
    path = folder / "o\n👩.jsonl"
    return first(_check(folder, path, 0, lines=0), holds(path))


def _empty_name(folder: Path) -> str:
    return _check(folder, "", 2)


def tokens_of(folder: Path, *ids: str) -> Path:
    from dataclasses import replace

    from prosodytok import write_tokens

    write_tokens(folder / "t.jsonl", [replace(clean_tokens(), id=id) for id in ids])
    return folder / "t.jsonl"


def _climbing(folder: Path) -> str:
    path = tokens_of(folder, "../climbed", "good", "", ".", "a/b")
    outcome = command("decode", path, "--out", folder / "d")
    written = sorted(path.name for path in folder.rglob("*.npz"))
    return first(expect(outcome, 1, lines=4), "" if written == ["good.npz"] else f"{written}")


def _same_ids(folder: Path) -> str:
    path = tokens_of(folder, "a", "a", "b")
    outcome = command("export", path, "--format", "textgrid", "--out", folder / "g")
    written = sorted(path.name for path in (folder / "g").iterdir())
    return first(
        expect(outcome, 1, "'a'", "twice", lines=1), "" if len(written) == 2 else f"{written}"
    )
