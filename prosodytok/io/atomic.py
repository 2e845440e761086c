"""Files of the user: written completely or not at all, and nothing else destroyed.

Every writer of the library writes through `atomic_path` or `open_output`:

- A file is replaced when its content is complete; if writing fails, it stays as it was. It keeps
  its permissions. A new file has those that the umask leaves.
- A link is followed: its target is replaced, and the link stays.
- A device, a FIFO or a descriptor (``/dev/stdout``) is written through, never replaced. What was
  written before a failure cannot be taken back.
- A file with several hard links, in a folder that is not writable, or mounted by itself is
  overwritten in place when the content is complete, so that all links show it. A failure during
  this copy, such as a full disk, can leave it incomplete.
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import uuid4

from prosodytok.types.errors import OutputClosedError, ProsodytokError

#: Errors of a disk that is full, which name no file.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: Names of the open descriptors of the process.
DESCRIPTORS = re.compile(r"/dev/(stdin|stdout|stderr)|(?:/dev/fd|/proc/self/fd)/(\d{1,9})")


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Yield a temporary path whose content becomes that of `target` when the block succeeds.

    The path has the suffix of `target`, whose folder is created if missing. If the block raises,
    the temporary file is removed and an existing `target` is unchanged.

    Parameters
    ----------
    target : path
        The file to write or to replace; or a device, a FIFO or a descriptor.

    Yields
    ------
    Path
        The temporary path; the block must create this file.

    Raises
    ------
    OSError
        If `target` is a folder or cannot be written.
    OutputClosedError
        If the reader of a pipe has closed it.
    """
    target = Path(target)
    if _is_stream(target) or _stays_in_place(real := _real(target)):
        with TemporaryDirectory(prefix="prosodytok-") as folder:
            temporary = Path(folder, f"output{target.suffix}")
            yield temporary
            _copy(temporary, target)
        return
    temporary = real.with_name(f".{uuid4().hex}{target.suffix}")
    try:
        yield temporary
        _replace(temporary, real)
    except OSError as error:
        if error.filename in (str(temporary), temporary) or error.errno in FULL:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def open_output(target: str | Path) -> Iterator[io.RawIOBase | BinaryIO]:
    """Open a file to write bytes, like `atomic_path`; a stream receives them as they are written.

    Raises
    ------
    OSError, OutputClosedError
        As `atomic_path` raises.
    """
    if _is_stream(Path(target)):
        with _stream(Path(target)) as file:
            yield file
    else:
        with atomic_path(target) as path, path.open("wb") as file:
            yield file


def write_text(target: str | Path, text: str) -> None:
    """Write or replace a text file (UTF-8)."""
    with open_output(target) as file:
        file.write(text.encode())


def existing_file(path: str | Path, error: type[ProsodytokError]) -> Path:
    """Return `path` as a `Path`, or raise `error` if there is no such file."""
    path = Path(path)
    if not path.is_file():
        raise error(f"{path}: no such file")
    return path


def descriptor_of(path: Path) -> int | None:
    """Number of the open descriptor that a path such as ``/dev/stdout`` names, else None."""
    found = DESCRIPTORS.fullmatch(str(path))
    if found is None:
        return None
    name, number = found.groups()
    return int(number) if number else ("stdin", "stdout", "stderr").index(name)


def _is_stream(target: Path) -> bool:
    """Whether a target receives bytes in order: a descriptor, a device, a FIFO or a socket."""
    if descriptor_of(target) is not None:
        return True
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextmanager
def _stream(target: Path) -> Iterator[io.RawIOBase]:
    descriptor = descriptor_of(target)
    try:
        source = target if descriptor is None else os.dup(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    with open(source, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor is no path
        yield _Stream(file, target)


class _Stream(io.RawIOBase):
    """An unbuffered file that writes all bytes of each call."""

    def __init__(self, file: io.FileIO, target: Path) -> None:
        self._file, self._target = file, target

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        left = memoryview(content).cast("B")
        try:
            while left:
                left = left[self._file.write(left) :]
        except BrokenPipeError as error:
            raise OutputClosedError(f"{self._target}: its reader has closed it") from error
        except OSError as error:
            error.filename = str(self._target)
            raise
        return len(content)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as complete:
        if _is_stream(target):
            with _stream(target) as file:
                shutil.copyfileobj(complete, file)
        else:
            with target.open("r+b") as file:
                shutil.copyfileobj(complete, file)
                file.truncate()


def _real(target: Path) -> Path:
    """The file that a path names, through links, in a folder that exists.

    Raises
    ------
    OSError
        If it is a folder, a loop of links, or a file that must not be written.
    """
    real = Path(os.path.realpath(target))
    if real.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(target))
    if real.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    real.parent.mkdir(parents=True, exist_ok=True)
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    return real


def _stays_in_place(real: Path) -> bool:
    if not real.exists():
        return False
    return real.stat().st_nlink > 1 or not os.access(real.parent, os.W_OK)


def _replace(temporary: Path, real: Path) -> None:
    """Rename, with the permissions of the replaced file, and its owner where that is possible."""
    if real.exists():
        status = real.stat()
        if hasattr(os, "chown") and os.geteuid() == 0:
            os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(stat.S_IMODE(status.st_mode))
    try:
        temporary.replace(real)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a mounted file
            raise
        _copy(temporary, real)
