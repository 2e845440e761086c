"""Files that a failure, or another output, must not destroy."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prosodytok.io import write_parquet
from prosodytok.types.errors import TokenError
from tests.trust.odd_inputs.checks import Case, clean_tokens, command, expect, first, refused
from tests.trust.odd_inputs.outputs import OLD, holds, sound_file, tokens_of
from tests.trust.odd_inputs.textgrids import WORDS, grid, tier


def cases() -> Iterator[Case]:
    for name, check, right in (
        ("mode 0444, as a user", _read_only, "exit code 2, kept"),
        ("a read-only folder, as a user", _locked, "exit code 2"),
        ("a file in a read-only folder, as a user", _file_in_locked, "written in place"),
        ("the input itself", _input, "exit code 2, the sound kept"),
        ("a link to the input", _linked_input, "exit code 2, the sound kept"),
        ("a sound in the input folder", _input_in_folder, "exit code 2, the sound kept"),
        ("the TextGrid", _textgrid, "exit code 2, kept"),
        ("the token file, exported", _export_self, "exit code 2, kept"),
        ("a full disk", _full_disk, "exit code 2, the old file kept"),
        ("a full disk, Parquet", _full_parquet, "exit code 2, the old file kept"),
        ("a full disk, features", _full_features, "lines of error, nothing half-written"),
        ("no input that works", _nothing, "exit code 1, the old file kept"),
        ("an error in the middle of a generator", _generator, "the old file kept"),
    ):
        yield Case("outputs", name, right, check)


@contextmanager
def _as_user(folder: Path) -> Iterator[None]:
    """Without the rights of root, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def _read_only(folder: Path) -> str:
    sound_file(folder)
    (folder / "o.jsonl").write_bytes(OLD)
    (folder / "o.jsonl").chmod(0o444)
    with _as_user(folder):
        problem = expect(
            command("tokenize", folder / "a.wav", "--out", folder / "o.jsonl"),
            2,
            "o.jsonl",
            lines=1,
        )
    return first(problem, "" if (folder / "o.jsonl").read_bytes() == OLD else "changed")


def _locked(folder: Path) -> str:
    sound_file(folder)
    (folder / "d").mkdir(mode=0o555)
    with _as_user(folder):
        return expect(
            command("tokenize", folder / "a.wav", "--out", folder / "d" / "o.jsonl"),
            2,
            "o.jsonl",
            lines=1,
        )


def _file_in_locked(folder: Path) -> str:
    sound_file(folder)
    (folder / "d").mkdir()
    (folder / "d" / "o.jsonl").write_bytes(OLD)
    (folder / "d").chmod(0o555)
    with _as_user(folder):
        problem = expect(
            command("tokenize", folder / "a.wav", "--out", folder / "d" / "o.jsonl"), 0, lines=0
        )
    return first(problem, holds(folder / "d" / "o.jsonl"))


def _kept_input(path: Path, *args: object) -> str:
    before = path.read_bytes()
    problem = expect(command(*args), 2, "--out", lines=1)
    return first("" if path.read_bytes() == before else "the input is gone", problem)


def _input(folder: Path) -> str:
    path = sound_file(folder)
    return _kept_input(path, "tokenize", path, "--out", path)


def _linked_input(folder: Path) -> str:
    path = sound_file(folder)
    (folder / "o.jsonl").symlink_to("a.wav")
    return _kept_input(path, "tokenize", path, "--out", folder / "o.jsonl")


def _input_in_folder(folder: Path) -> str:
    path = sound_file(folder)
    return _kept_input(path, "report", folder, "--out", path)


def _textgrid(folder: Path) -> str:
    path = folder / "a.TextGrid"
    path.write_text(grid(tier("words", WORDS)))
    return _kept_input(path, "tokenize", sound_file(folder), "--segments", path, "--out", path)


def _export_self(folder: Path) -> str:
    path = tokens_of(folder, "a")
    return _kept_input(path, "export", path, "--format", "lm", "--out", path)


@contextmanager
def _small_files(size: int) -> Iterator[None]:
    """Files of at most so many bytes: writing more fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _kept(folder: Path, out: Path, write: Callable[[], str]) -> str:
    out.write_bytes(OLD)
    before = set(folder.iterdir())
    with _small_files(1000):
        problem = write()
    more = set(folder.iterdir()) - before
    return first(problem, "" if out.read_bytes() == OLD else "changed", f"{more}" if more else "")


def _full_disk(folder: Path) -> str:
    sound, out = sound_file(folder), folder / "o.jsonl"
    # The captured streams are small, and no temporary file of the command is larger.
    return _kept(
        folder, out, lambda: expect(command("tokenize", sound, "--out", out), 2, "o.jsonl", lines=1)
    )


def _full_parquet(folder: Path) -> str:
    def write() -> str:
        try:
            write_parquet(out, [clean_tokens()])
        except OSError as error:
            return "" if error.errno == errno.EFBIG and "o.parquet" in str(error) else str(error)
        return "no error"

    out = folder / "o.parquet"
    return _kept(folder, out, write)


def _full_features(folder: Path) -> str:
    sound = sound_file(folder)
    with _small_files(1000):
        outcome = command("features", sound, "--out", folder / "f")
    left = [path.name for path in (folder / "f").iterdir()] if (folder / "f").exists() else []
    return first(expect(outcome, 1, "a.npz", lines=1), f"{left}" if left else "")


def _nothing(folder: Path) -> str:
    out = folder / "o.jsonl"
    out.write_bytes(OLD)
    (folder / "b.wav").write_bytes(b"no sound")
    problem = expect(command("tokenize", folder / "b.wav", "--out", out), 1, "b.wav", lines=1)
    return first(problem, "" if out.read_bytes() == OLD else "changed")


def _generator(folder: Path) -> str:
    from prosodytok import write_tokens

    def tokens() -> Iterator[object]:
        yield clean_tokens()
        raise TokenError("in the middle")

    out = folder / "o.jsonl"
    out.write_bytes(OLD)
    problem = refused(TokenError, lambda: write_tokens(out, tokens()), "middle")  # type: ignore[arg-type]
    return first(
        problem, "" if out.read_bytes() == OLD and len(list(folder.iterdir())) == 1 else "changed"
    )
