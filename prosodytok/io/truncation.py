"""Files cut short: libsndfile reads most of them without a word, as if they were whole."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from prosodytok.types.errors import AudioError

#: Programs that write WAV to a pipe, and cannot come back to fill in its length, put 0 or a number
#: from here on instead.
STREAMED_LENGTH = 0x7FFF0000
#: Chunks that are passed over on the way to the samples: a file of zeros has millions of them.
MOST_CHUNKS = 10_000
#: Longest page of Ogg (bytes).
OGG_PAGE = 65_307
#: Where the tag of a variable bit rate stands in an MP3: not deeper than this in its first frame,
#: and that one not later than this in the file unless there is a picture before it.
XING_OFFSET, XING_SEARCH = 40, 1 << 20


def check_whole(path: Path) -> None:
    """Raise if a sound file lacks its end, as far as its format allows to know.

    WAV (RF64 too) and AIFF tell their length, Ogg (Vorbis, Opus) marks its last page, MP3 may have
    a tag that tells its length. A FLAC that lacks its end fails to decode by itself.

    Raises
    ------
    AudioError
        If the file is truncated.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(4)
        if magic in (b"RIFF", b"RF64"):
            promised = _end_of_chunk(file, b"data", "<")
        elif magic == b"FORM":
            promised = _end_of_chunk(file, b"SSND", ">")
        elif magic == b"OggS":
            return _check_ogg(file, size)
        else:
            promised = _end_of_mp3(file)
    if size < promised:
        raise AudioError(
            f"truncated: its header promises {promised} bytes, the file has {size}; copy it again"
        )
    return None


def _end_of_chunk(file: BinaryIO, wanted: bytes, order: str) -> int:
    """Where the chunk of samples is to end, in bytes; 0 if the file does not say."""
    file.seek(12)
    length_in_ds64 = 0
    for _ in range(MOST_CHUNKS):
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
    """The last page must be there in full and say that it is the last."""
    file.seek(max(0, size - 2 * OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[26] if len(page) > 26 else 255
    is_whole = len(page) >= 27 + segments + sum(page[27 : 27 + segments])
    if not (is_whole and page[5] & 4):
        raise AudioError("truncated: its last Ogg page is missing; copy it again")


def _end_of_mp3(file: BinaryIO) -> int:
    """Least number of bytes by the Xing or Info tag of an MP3; 0 if there is none."""
    file.seek(0)
    head = file.read(XING_SEARCH)
    for tag in (b"Xing", b"Info"):
        place = head.find(tag)
        fields = head[place + 4 : place + 16]
        # The flags say which fields follow: 1 the number of frames, 2 the number of bytes.
        if place >= 0 and len(fields) == 12 and fields[:3] == b"\0\0\0" and fields[3] & 3 == 3:
            return place - XING_OFFSET + int(struct.unpack(">8xI", fields)[0])
    return 0
