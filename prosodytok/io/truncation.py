"""Sound files whose header promises another length than they have.

libsndfile reads most truncated files without an error, and stops at the promised length of files
whose header was never finished.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from prosodytok.types.errors import AudioError

#: Chunk lengths from here on, and 0, are placeholders of programs that write WAV to a pipe and
#: cannot fill in the length afterwards.
STREAMED_LENGTH = 0x7FFF0000
#: Bytes by which file and header may differ: programs that count wrongly, and padding.
FEW_BYTES = 64
#: Chunks that are searched for the samples; a file of zeros has millions of empty ones.
MAX_CHUNKS = 10_000
#: First bytes of tags that other programs append to a file.
TAGS = (b"TAG", b"ID3", b"APETAGEX")
#: ID3 tags that are skipped at the start of a file.
MAX_TAGS = 8
#: Maximum length of an Ogg page (bytes).
OGG_PAGE = 65_307
#: Start of an Ogg page with its flags, and those of the first page of a stream.
OGG_PAGE_START, OGG_FIRST = re.compile(rb"OggS\0([\0-\7])"), b"\2"
#: Largest offset (bytes) of the Xing tag of an MP3 in its frame, and of that frame after the ID3
#: tags.
XING_OFFSET, XING_SEARCH = 40, 1 << 20
#: Start of an MP3: its tag, or a frame of layer III. Length (bytes) of the tag at the end of one.
MP3_START, ID3V1 = re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), 128
BLOCK = 1 << 20


@dataclass(frozen=True)
class Header:
    """What is known of a header before a file is read.

    Parameters
    ----------
    patches : tuple of (int, bytes)
        Bytes to replace, with their offset.
    warnings : tuple of str
        What is doubtful.
    found : bool
        Whether the samples of a known container were found.
    """

    patches: tuple[tuple[int, bytes], ...] = ()
    warnings: tuple[str, ...] = ()
    found: bool = True


@dataclass(frozen=True)
class Samples:
    """Where a header says that the samples are.

    Parameters
    ----------
    start : int
        Their first byte.
    length : int
        Their length (bytes); 0 if the header leaves it open.
    fields : tuple of (int, str, int)
        The fields that contain the length: offset, format of `struct`, and what the field counts
        besides the samples (bytes).
    order : str
        Byte order of chunks that may follow; "" if the container has none.
    """

    start: int
    length: int
    fields: tuple[tuple[int, str, int], ...] = ()
    order: str = ""


def check_header(path: Path) -> Header:
    """Compare the length that a header promises with the file.

    WAV (including RF64), AIFF, AU, W64, CAF and NIST contain their length, Ogg (Vorbis, Opus) marks
    its last page, and MP3 may have a tag with its length. A truncated FLAC fails to decode. If the
    file has more samples than its header promises, as after a crash, all are read.

    Raises
    ------
    AudioError
        If the file is truncated by more than `FEW_BYTES`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(4)
        if magic == b"OggS":
            return _check_ogg(file, size)
        find = CONTAINERS.get(magic)
        if find is None:
            return _check_mp3(file, size)
        if magic == b"RIFF" and file.read(8)[4:] != b"WAVE":  # a video
            return Header()
        samples = find(file)
        return Header(found=False) if samples is None else _compare(file, samples, size)


def _compare(file: BinaryIO, samples: Samples, size: int) -> Header:
    held, promised = size - samples.start, samples.length
    if promised > held:
        warnings = _check_end(samples.start + promised, size).warnings
        return Header(_patches(samples, held), warnings)
    file.seek(samples.start + promised)
    if held - promised <= FEW_BYTES * (promised > 0) or _no_samples(file, samples, size):
        return Header()
    if any(held + extra >= 256 ** struct.calcsize(form) for _, form, extra in samples.fields):
        raise AudioError(
            f"its header cannot state a length of {held} bytes: convert it, e.g. with: "
            "ffmpeg -ignore_length 1 -i IN OUT.flac"
        )
    patches = _patches(samples, held)
    if not promised:
        return Header(patches)
    left = f"its header promises {promised} bytes of samples, but the file has {held}"
    return Header(patches, (f"{left}; {'all are read' if patches else 'the rest is not read'}",))


def _patches(samples: Samples, held: int) -> tuple[tuple[int, bytes], ...]:
    return tuple((at, struct.pack(form, held + more)) for at, form, more in samples.fields)


def _check_end(expected: int, size: int) -> Header:
    if size >= expected:
        return Header()
    if expected - size <= FEW_BYTES:
        return Header((), (f"the last {expected - size} bytes are missing",))
    raise AudioError(
        f"truncated: its header requires {expected} bytes, the file has {size}; copy it again"
    )


def _no_samples(file: BinaryIO, samples: Samples, size: int) -> bool:
    """Whether a chunk, a tag or zeros follow at the current position, and no samples."""
    start = file.tell() + (samples.length % 2 if samples.order else 0)
    file.seek(start)
    head = file.read(8)
    if len(head) < 8 or head.startswith(TAGS):
        return True
    if samples.order:
        name, length = struct.unpack(f"{samples.order}4sI", head)
        if all(0x20 <= byte < 0x7F for byte in name) and start + 8 + length <= size + 1:
            return True
    file.seek(start)
    return not any(any(block) for block in iter(lambda: file.read(BLOCK), b""))


def _riff(file: BinaryIO) -> Samples | None:
    return _chunk(file, b"data", "<", 0)


def _aiff(file: BinaryIO) -> Samples | None:
    return _chunk(file, b"SSND", ">", 8)


def _chunk(file: BinaryIO, wanted: bytes, order: str, more: int) -> Samples | None:
    """The chunk of samples of a RIFF or AIFF file, which begins with `more` other bytes."""
    file.seek(12)
    length_in_ds64, ds64 = 0, 0
    for _ in range(MAX_CHUNKS):
        if len(head := file.read(8)) < 8:
            return None
        name, length = struct.unpack(f"{order}4sI", head)
        start = file.tell()
        if name == wanted:
            # The other field is the length of the whole file, without the first 8 bytes.
            fields = ((4, f"{order}I", start + more - 8), (start - 4, f"{order}I", more))
            if ds64 and length == 0xFFFFFFFF:
                fields = ((ds64, "<Q", start - 8), (ds64 + 8, "<Q", 0))
                return Samples(start, length_in_ds64, fields, order)
            length = max(0, length - more) if length < STREAMED_LENGTH else 0
            return Samples(start + more, length, fields, order)
        if name == b"ds64":
            ds64, length_in_ds64 = start, int.from_bytes(file.read(16)[8:], "little")
        file.seek(start + length + length % 2)
    return None


def _au(file: BinaryIO) -> Samples | None:
    file.seek(0)
    head = file.read(12)
    order = ">" if head[:1] == b"." else "<"
    if len(head) < 12:
        return None
    start, length = struct.unpack(f"{order}4xII", head)
    return Samples(start, 0 if length == 0xFFFFFFFF else length, ((8, f"{order}I", 0),))


def _w64(file: BinaryIO) -> Samples | None:
    """Chunks with names of 16 bytes and lengths of 8, which include this head."""
    file.seek(40)
    for _ in range(MAX_CHUNKS):
        head = file.read(24)
        if len(head) < 24:
            return None
        length, start = int.from_bytes(head[16:], "little"), file.tell()
        if head[:4] == b"data":
            is_open = length >= 2**63 - 1 or length < 24
            return Samples(start, 0 if is_open else length - 24, ((start - 8, "<Q", 24),))
        if not 24 <= length < 2**62:
            return None
        file.seek(start - 24 + length + -length % 8)
    return None


def _caf(file: BinaryIO) -> Samples | None:
    """Chunks with lengths of 8 bytes; that of the samples begins with a number of 4."""
    file.seek(8)
    for _ in range(MAX_CHUNKS):
        head = file.read(12)
        if len(head) < 12:
            return None
        name, length = struct.unpack(">4sq", head)
        start = file.tell()
        if name == b"data":
            return Samples(start + 4, max(0, length - 4), ((start - 8, ">q", 4),))
        if not 0 <= length < 2**62:
            return None
        file.seek(start + length)
    return None


def _nist(file: BinaryIO) -> Samples | None:
    """The text header of a NIST SPHERE file."""
    file.seek(0)
    lines = file.read(1024).split(b"\n")
    fields = {words[0]: words[-1] for line in lines if len(words := line.split()) == 3}
    try:
        start = int(lines[1])
        length = int(fields[b"sample_count"]) * int(fields.get(b"channel_count", b"1"))
        length *= int(fields[b"sample_n_bytes"])
    except (LookupError, ValueError):
        return None
    compressed = b"," in fields.get(b"sample_coding", b"")
    return None if compressed or start < 0 or length <= 0 else Samples(start, length)


#: First bytes of containers that state the length of their samples.
CONTAINERS: dict[bytes, Callable[[BinaryIO], Samples | None]] = {
    b"RIFF": _riff,
    b"RF64": _riff,
    b"FORM": _aiff,
    b".snd": _au,
    b"dns.": _au,
    b"riff": _w64,
    b"caff": _caf,
    b"NIST": _nist,
}


def _check_ogg(file: BinaryIO, size: int) -> Header:
    """Raise unless there is one stream, whose last page is complete and has the end flag."""
    file.seek(max(0, size - 2 * OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[26] if len(page) > 26 else 255
    is_whole = len(page) >= 27 + segments + sum(page[27 : 27 + segments])
    if not (is_whole and page[5] & 4):
        raise AudioError("truncated: its last Ogg page is missing; copy it again")
    if _is_chained(file):  # libsndfile reads the first one, FFmpeg leaves short ones out
        raise AudioError(
            "it has several Ogg streams, one after another: join them, e.g. with: "
            "ffmpeg -i IN OUT.flac"
        )
    return Header()


def _is_chained(file: BinaryIO) -> bool:
    """Whether a stream of an Ogg file begins after the pages of another."""
    file.seek(0)
    end, has_pages = b"", False
    while block := file.read(BLOCK):
        for page in OGG_PAGE_START.finditer(end + block):
            if page[1] == OGG_FIRST and has_pages:
                return True
            has_pages |= page[1] != OGG_FIRST
        end = block[-5:]
    return False


def _check_mp3(file: BinaryIO, size: int) -> Header:
    """Raise if an MP3 is truncated; a warning if another one follows it."""
    end = _end_of_mp3(file)
    if 0 < end < size - ID3V1:
        file.seek(end)
        if MP3_START.search(file.read(2 * XING_OFFSET)):
            left = f"its header promises {end} bytes, but the file has {size}"
            return Header((), (f"{left}: another MP3 follows, which is not read",))
    return _check_end(end, size)


def _end_of_mp3(file: BinaryIO) -> int:
    """Minimum size (bytes) according to the Xing or Info tag of an MP3; 0 without a tag."""
    start = skip_tags(file)
    head = file.read(XING_SEARCH)
    for tag in (b"Xing", b"Info"):
        offset = head.find(tag)
        fields = head[offset + 4 : offset + 16]
        # Flags of the fields that follow: 1 number of frames, 2 number of bytes.
        if offset >= 0 and len(fields) == 12 and fields[:3] == b"\0\0\0" and fields[3] & 3 == 3:
            return start + offset - XING_OFFSET + int(struct.unpack(">8xI", fields)[0])
    return 0


def skip_tags(file: BinaryIO) -> int:
    """Seek to the first byte after the ID3 tags at the start of a file, and return its position.

    A tag has a picture of any size.
    """
    start = 0
    for _ in range(MAX_TAGS):
        file.seek(start)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        length = sum(
            (byte & 127) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
        start += 10 + length
    file.seek(start)
    return start
