"""Detection of truncated sound files, most of which libsndfile reads without an error."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from prosodytok.types.errors import AudioError

#: Chunk lengths from here on, and 0, are placeholders of programs that write WAV to a pipe and
#: cannot fill in the length afterwards.
STREAMED_LENGTH = 0x7FFF0000
#: Chunks that are searched for the samples; a file of zeros has millions of empty ones.
MAX_CHUNKS = 10_000
#: Maximum length of an Ogg page (bytes).
OGG_PAGE = 65_307
#: Largest offset (bytes) of the Xing tag of an MP3 in its frame, and of that frame in the file,
#: apart from embedded pictures.
XING_OFFSET, XING_SEARCH = 40, 1 << 20


def check_whole(path: Path) -> None:
    """Raise if a sound file is truncated, as far as its format allows detection.

    WAV (including RF64) and AIFF contain their length, Ogg (Vorbis, Opus) marks its last page, and
    MP3 may have a tag with its length. A truncated FLAC fails to decode.

    Raises
    ------
    AudioError
        If the file is truncated.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(4)
        if magic in (b"RIFF", b"RF64"):
            expected = _end_of_chunk(file, b"data", "<")
        elif magic == b"FORM":
            expected = _end_of_chunk(file, b"SSND", ">")
        elif magic == b"OggS":
            return _check_ogg(file, size)
        else:
            expected = _end_of_mp3(file)
    if size < expected:
        raise AudioError(
            f"truncated: its header requires {expected} bytes, the file has {size}; copy it again"
        )
    return None


def _end_of_chunk(file: BinaryIO, wanted: bytes, order: str) -> int:
    """End of the chunk of samples (bytes) according to its header; 0 if unknown."""
    file.seek(12)
    length_in_ds64 = 0
    for _ in range(MAX_CHUNKS):
        if len(head := file.read(8)) < 8:
            return 0
        name, length = struct.unpack(f"{order}4sI", head)
        if name == wanted:
            if length_in_ds64 and length == 0xFFFFFFFF:
                return file.tell() + length_in_ds64
            return 0 if length >= STREAMED_LENGTH else file.tell() + int(length)
        start = file.tell()
        if name == b"ds64":
            length_in_ds64 = int.from_bytes(file.read(16)[8:], "little")
        file.seek(start + length + length % 2)
    return 0


def _check_ogg(file: BinaryIO, size: int) -> None:
    """Raise unless the last page is complete and has the end-of-stream flag."""
    file.seek(max(0, size - 2 * OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[26] if len(page) > 26 else 255
    is_whole = len(page) >= 27 + segments + sum(page[27 : 27 + segments])
    if not (is_whole and page[5] & 4):
        raise AudioError("truncated: its last Ogg page is missing; copy it again")


def _end_of_mp3(file: BinaryIO) -> int:
    """Minimum size (bytes) according to the Xing or Info tag of an MP3; 0 without a tag."""
    file.seek(0)
    head = file.read(XING_SEARCH)
    for tag in (b"Xing", b"Info"):
        offset = head.find(tag)
        fields = head[offset + 4 : offset + 16]
        # Flags of the fields that follow: 1 number of frames, 2 number of bytes.
        if offset >= 0 and len(fields) == 12 and fields[:3] == b"\0\0\0" and fields[3] & 3 == 3:
            return offset - XING_OFFSET + int(struct.unpack(">8xI", fields)[0])
    return 0
