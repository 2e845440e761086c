"""Opening of sound files by their content: with libsndfile, else with FFmpeg."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from prosodytok.io.atomic import descriptor_of
from prosodytok.io.ffmpeg_sound import DOUBTFUL, HEAD_BYTES, FFmpegSound, demuxer_of
from prosodytok.io.limits import MAX_PIPE_BYTES
from prosodytok.io.truncation import CONTAINERS, Header, check_header, skip_tags
from prosodytok.types.errors import AudioError
from prosodytok.types.sample_arrays import check_rate

#: Values per block.
BLOCK_SAMPLES = 1 << 20
#: Bytes searched for the first frame of an MP3.
MPEG_SEARCH = 1 << 20
#: Suffixes for which libsndfile tries its MPEG decoder on any content.
MPEG_SUFFIXES = (".mp3", ".mp2", ".mp1")
#: First bytes of other files, which libsndfile reads under any name.
SNDFILE_MAGIC = (*CONTAINERS, b"fLaC", b"OggS")
#: Number of frames from which libsndfile means that it is not known.
UNKNOWN_FRAMES = 2**62
#: Copy buffer of a pipe (bytes).
PIPE_BLOCK = 1 << 20


class SoundFile(Protocol):
    """An open sound file.

    Attributes
    ----------
    sample_rate, channels : int
        Samples per second (Hz), and number of channels.
    frames : int or None
        Number of samples per channel, if known.
    warnings : tuple of str
        What is doubtful, complete when all has been read.
    """

    @property
    def sample_rate(self) -> int: ...  # noqa: D102
    @property
    def channels(self) -> int: ...  # noqa: D102
    @property
    def frames(self) -> int | None: ...  # noqa: D102
    @property
    def warnings(self) -> tuple[str, ...]: ...  # noqa: D102

    def blocks(self, first: int = 0, count: int | None = None) -> Iterator[NDArray[np.float32]]:
        """Blocks (n, C) of `count` samples, by default all, from the sample `first` on."""


@contextmanager
def open_sound(path: str | Path, *, ffmpeg: bool = True) -> Iterator[SoundFile]:
    """Open a sound file for reading at its own sample rate.

    Parameters
    ----------
    path : path
        A file, or a pipe, which is first copied to a temporary file.
    ffmpeg : bool
        Whether FFmpeg may open what libsndfile cannot read.

    Raises
    ------
    AudioError
        If the file is missing, not audio, truncated or of an unsupported sample rate, or reading
        fails; the message names the file.
    """
    path = Path(path)
    try:
        with ExitStack() as stack:
            yield _open(path, stack, ffmpeg)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror or error})") from error
    except sf.SoundFileError as error:
        raise AudioError(
            f"{path}: damaged: libsndfile cannot decode it ({_reason(error)})"
        ) from error


def read_duration(path: str | Path) -> float:
    """Length of a sound file (s); the whole file is read if its header does not state it.

    Raises
    ------
    AudioError
        As `open_sound` raises.
    """
    with open_sound(path) as file:
        frames = file.frames
        if frames is None:
            frames = sum(len(block) for block in file.blocks())
        return frames / file.sample_rate


def is_sound(path: str | Path) -> bool:
    """Whether a file can be opened as sound."""
    try:
        with open_sound(path):
            return True
    except AudioError:
        return False


def _open(path: Path, stack: ExitStack, ffmpeg: bool) -> SoundFile:
    path = _on_disk(path, stack)
    if path.stat().st_size == 0:
        raise AudioError("the file is empty (0 bytes)")
    with path.open("rb") as file:
        skip_tags(file)
        head = file.read(MPEG_SEARCH)
    header = check_header(path)
    try:
        _check_mpeg(path, head)
        return SndSound(path, header, stack)
    except (sf.SoundFileError, _UnknownError, TypeError) as error:  # TypeError: .raw, no header
        demuxer = demuxer_of(head[:HEAD_BYTES])
        if ffmpeg and demuxer and header.found:
            return FFmpegSound(stack.enter_context(path.open("rb")), demuxer)
        raise AudioError(
            f"not a sound file that libsndfile can read ({_reason(error)}); "
            "convert it, e.g. with: ffmpeg -i IN OUT.wav"
        ) from error


def _reason(error: Exception) -> str:
    """The message of libsndfile, without the path that soundfile adds."""
    return str(getattr(error, "error_string", error)).rstrip(".")


def _check_mpeg(path: Path, head: bytes) -> None:
    """Raise if a file is named as MP3 and is not: libsndfile's decoder would write to stderr."""
    if path.suffix.lower() not in MPEG_SUFFIXES or head[:4] in SNDFILE_MAGIC:
        return
    if demuxer_of(head[:HEAD_BYTES]) or not re.search(rb"\xff[\xe0-\xff]", head):
        raise _UnknownError("it has no MPEG frame")


class _UnknownError(Exception):
    """Content that libsndfile would take for something else."""


class SndSound:
    """A `SoundFile` that libsndfile reads."""

    def __init__(self, path: Path, header: Header, stack: ExitStack) -> None:
        self._path, self._header, self._stack = path, header, stack
        self._kind = sf.SoundFile
        self._file = self._open()
        if self._file.format == "RAW":  # guessed from the suffix, as for a text named .au
            raise _UnknownError("it has no header")
        self.sample_rate, self.channels = check_rate(self._file.samplerate), self._file.channels
        self.frames: int | None = self._file.frames
        self._missing = 0.0  # s
        if self._file.frames > UNKNOWN_FRAMES:  # FLAC that was written to a pipe
            self.frames, self._kind = None, _Unseekable

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is doubtful, complete when `blocks` is exhausted."""
        if self._missing <= DOUBTFUL:
            return self._header.warnings
        sentence = f"{self._missing:.2f} s cannot be decoded and are left out: it is damaged"
        return (*self._header.warnings, sentence)

    def _open(self) -> sf.SoundFile:
        source: Any = os.fsencode(self._path)
        if self._header.patches:
            source = self._stack.enter_context(_Patched(self._path, self._header.patches))
        file = self._kind(source)
        self._stack.callback(file.close)
        return file

    def blocks(self, first: int = 0, count: int | None = None) -> Iterator[NDArray[np.float32]]:
        """Blocks (n, C) of `count` samples, by default all, from the sample `first` on."""
        start = first
        if self.frames is not None and self._file.seekable():
            self._file.seek(min(first, self.frames))
        else:  # GSM and some others
            self._file = self._open()
            while first > 0 and len(skipped := self._read(first)):
                first -= len(skipped)
        if self.frames is not None:
            rest = max(0, self.frames - start)
            count = rest if count is None else min(count, rest)
        while (count is None or count > 0) and len(block := self._read(count)):
            yield block
            count = None if count is None else count - len(block)
        self._missing = (count or 0) / self.sample_rate

    def _read(self, count: int | None) -> NDArray[np.float32]:
        length = max(1, BLOCK_SAMPLES // self.channels)
        block: NDArray[np.float32] = self._file.read(
            length if count is None else min(count, length), dtype="float32", always_2d=True
        )
        return block


class _Unseekable(sf.SoundFile):  # type: ignore[misc]
    """A file that is read from its start to its end: soundfile seeks after each block otherwise."""

    def seekable(self) -> bool:
        return False


class _Patched(io.RawIOBase):
    """A file in which some bytes of the header are replaced."""

    def __init__(self, path: Path, patches: tuple[tuple[int, bytes], ...]) -> None:
        self._file: BinaryIO = path.open("rb")
        self._patches = patches

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        start = self._file.tell()
        view = memoryview(buffer).cast("B")
        data = bytearray(self._file.read(len(view)))
        for at, patch in self._patches:
            for i, byte in enumerate(patch, at - start):
                if 0 <= i < len(data):
                    data[i] = byte
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _on_disk(path: Path, stack: ExitStack) -> Path:
    """The path itself, or a temporary copy of a pipe, which can be read only once.

    Raises
    ------
    AudioError
        If there is no such file, or it is no sound.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        if path.is_symlink():
            raise AudioError(f"a link to {path.readlink()}, which does not exist") from error
        raise AudioError("no such file") from error
    if stat.S_ISREG(mode):
        return path
    if stat.S_ISDIR(mode):
        raise AudioError("a folder, not a sound file")
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        raise AudioError("a device, not a sound file")
    descriptor = descriptor_of(path)
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="prosodytok-")), "pipe")
    source = path if descriptor is None else os.dup(descriptor)
    with open(source, "rb") as pipe, copy.open("wb") as file:  # noqa: PTH123
        size = 0
        while block := pipe.read(PIPE_BLOCK):
            size += len(block)
            if size > MAX_PIPE_BYTES:
                raise AudioError(f"more than {MAX_PIPE_BYTES} bytes from a pipe: use a file")
            file.write(block)
    return copy
