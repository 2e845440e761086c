"""Headers that are damaged, unfinished or unusual, around the clean sound."""

import io
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import soundfile as sf

from prosodytok import load
from prosodytok.types.errors import AudioError
from tests.trust.odd_inputs.checks import (
    RATE,
    Case,
    first,
    like_clean,
    refused,
    same_sound,
    speech,
    warned,
)


def encoded(container: str, encoding: str = "PCM_16") -> bytes:
    """The clean sound as the content of a file."""
    buffer = io.BytesIO()
    sf.write(buffer, speech(), RATE, encoding, format=container)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes, length: int | None = None, pad: bool = True) -> bytes:
    size = struct.pack("<I", len(content) if length is None else length)
    return name + size + content + bytes(len(content) % 2 if pad else 0)


def wav(*chunks: bytes, riff: bytes = b"RIFF", length: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return riff + struct.pack("<I", len(body) if length is None else length) + body


def fmt(tag: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16, more: bytes = b"",
        byte_rate: int | None = None, align: int | None = None) -> bytes:  # fmt: skip
    frame = channels * bits // 8
    fields = (tag, channels, rate, rate * frame if byte_rate is None else byte_rate,
              frame if align is None else align, bits)  # fmt: skip
    return chunk(b"fmt ", struct.pack("<HHIIHH", *fields) + more)


def _good() -> dict[str, bytes]:
    """Files of which all samples must be read."""
    samples = encoded("WAV")[44:]
    data, flac, aiff, au = chunk(b"data", samples), encoded("FLAC"), encoded("AIFF"), encoded("AU")
    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"odd"))
    silent_md5 = bytearray(flac)
    silent_md5[26:42] = bytes(16)
    no_total = bytearray(flac)
    no_total[21] &= 0xF0
    no_total[22:26] = bytes(4)
    id3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
    ssnd = aiff.index(b"SSND")
    long_au = (
        b".snd"
        + struct.pack(">IIIII", 88, 0xFFFFFFFF, 3, RATE, 1)
        + b"made by hand".ljust(64, b"\0")
    )
    odd = samples + b"\x01"
    return {
        "a LIST chunk of odd length before the samples": wav(fmt(), info, data),
        "JUNK before the format": wav(chunk(b"JUNK", bytes(28)), fmt(), data),
        "bext before the format": wav(chunk(b"bext", bytes(603)), fmt(), data),
        "format of 18 bytes": wav(fmt(more=bytes(2)), data),
        "byte rate 0": wav(fmt(byte_rate=0), data),
        "byte rate of another rate": wav(fmt(byte_rate=88_200), data),
        "RIFF length 0": wav(fmt(), data, length=0),
        "RIFF length of a few bytes": wav(fmt(), data, length=36),
        "RIFF length beyond the file": wav(fmt(), data, length=len(samples) + 10_000),
        "samples of 0xFFFFFFFF bytes": wav(fmt(), chunk(b"data", samples, 0xFFFFFFFF)),
        "samples of 0x7FFFFFFF bytes": wav(fmt(), chunk(b"data", samples, 0x7FFFFFFF)),
        "one byte after the samples": wav(fmt(), chunk(b"data", samples)) + b"\x00",
        "an ID3 tag after the samples": wav(fmt(), data) + id3,
        "half a sample at the end": wav(fmt(), chunk(b"data", odd)),
        "cue and labels after the samples": wav(
            fmt(), data, chunk(b"cue ", struct.pack("<I", 0)), info
        ),
        "samples promised 2 bytes short": wav(fmt(), chunk(b"data", samples, len(samples) - 2)),
        "FLAC without its number of samples": bytes(no_total),
        "FLAC without a checksum": bytes(silent_md5),
        "FLAC after an ID3 tag": id3 + flac,
        "FLAC with zeros after the end": flac + bytes(2000),
        "AIFF with the number of frames 0": aiff[:22] + bytes(4) + aiff[26:],
        "AIFF with a comment chunk": aiff[:12]
        + b"ANNO"
        + struct.pack(">I", 8)
        + b"by hand."
        + aiff[12:],
        "AIFF with samples of length 0": aiff[: ssnd + 4] + bytes(4) + aiff[ssnd + 8 :],
        "AU of an open length with an annotation": long_au + au[24:],
    }


def _bad() -> dict[str, bytes]:
    """Files without a sound that can be understood."""
    samples = encoded("WAV")[44:]
    data = chunk(b"data", samples)
    return {
        "sample rate 0": wav(fmt(rate=0), data),
        "sample rate 4 GHz": wav(fmt(rate=4_000_000_000, byte_rate=0), data),
        "sample rate 999 Hz": wav(fmt(rate=999), data),
        "no channel": wav(fmt(channels=0, align=2), data),
        "65535 channels": wav(fmt(channels=65_535, align=2, byte_rate=0), data),
        "0 bits": wav(fmt(bits=0, align=2), data),
        "an unknown encoding": wav(fmt(tag=0x0A55), data),
        "no format": wav(data),
        "no samples": wav(fmt()),
        "an empty chunk of samples": wav(fmt(), chunk(b"data", b"")),
        "a WAV head in a FLAC body": encoded("WAV")[:12] + encoded("FLAC"),
        "a FLAC head in a WAV body": b"fLaC" + samples,
        "an Ogg head in zeros": b"OggS" + bytes(3000),
    }


def cases() -> Iterator[Case]:
    for name, content in _good().items():
        yield Case("headers", name, "tokens as clean", partial(_read, content=content))
    for name, content in _bad().items():
        yield Case("headers", name, "error", partial(_refuse, content=content))
    yield Case("headers", "samples promised for 1.5 s", "tokens as clean, warning", _short)
    yield Case("headers", "an MP3 with a picture of 2 MB", "F0 within 20 cents", _picture)
    yield Case("headers", "an MP3 that begins in the middle", "F0 within 20 cents", _middle)
    for container, encoding in DAMAGED:
        check = partial(_hole, container=container, encoding=encoding)
        yield Case("headers", f"a hole in {encoding}", "whole, warning or error", check)
    yield Case("headers", "MP3 after another MP3", "warning", _two_mp3)
    yield Case("headers", "Ogg after another Ogg", "both, or error", _chained)
    yield Case("headers", "big-endian RIFX", "tokens as clean", _rifx)


def _write(folder: Path, content: bytes) -> Path:
    path = folder / "head.wav"
    path.write_bytes(content)
    return path


def _read(folder: Path, content: bytes) -> str:
    audio = load(_write(folder, content))
    missing = clean_length() - audio.samples.size
    return f"{missing} samples missing" if missing > 1 else same_sound(audio)


def clean_length() -> int:
    return speech().size


def _refuse(folder: Path, content: bytes) -> str:
    path = _write(folder, content)
    return refused(AudioError, lambda: load(path), "head.wav")


def _short(folder: Path) -> str:
    samples = encoded("WAV")[44:]
    audio = load(_write(folder, wav(fmt(), chunk(b"data", samples, 48_000))))
    return first(warned(audio.warnings, "header"), same_sound(audio))


def _picture(folder: Path) -> str:
    size = 2 << 20
    syncsafe = bytes((size + 10 >> shift) & 127 for shift in (21, 14, 7, 0))
    frame = b"APIC" + struct.pack(">I", size) + b"\0\0" + b"\xff\xd8\xff" + bytes(size - 3)
    path = folder / "picture.mp3"
    path.write_bytes(b"ID3\x03\x00\x00" + syncsafe + frame + encoded("MP3", "MPEG_LAYER_III"))
    return like_clean(load(path), 0.9, 0.93)


def _middle(folder: Path) -> str:
    content = encoded("MP3", "MPEG_LAYER_III")
    path = folder / "middle.mp3"
    path.write_bytes(content[1000:])
    audio = load(path)
    return "" if audio.duration > 2.5 else f"{audio.duration:.2f} s"


def _chained(folder: Path) -> str:
    content = encoded("OGG", "VORBIS")
    path = folder / "chained.ogg"
    path.write_bytes(content + content)
    try:
        audio = load(path)
    except AudioError as error:
        return "" if path.name in str(error) else str(error)
    both = audio.duration > 1.9 * clean_length() / RATE
    return "" if both or audio.warnings else f"{audio.duration:.2f} s without a warning"


#: Encodings, with a hole of 500 bytes in the middle.
DAMAGED = (
    ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"), ("FLAC", "PCM_16"),
)  # fmt: skip


def _hole(folder: Path, container: str, encoding: str) -> str:
    content = encoded(container, encoding)
    path, middle = folder / "hole.ogg", len(content) // 2
    path.write_bytes(content[:middle] + bytes(500) + content[middle + 500 :])
    try:
        audio = load(path)
    except AudioError as error:
        return "" if path.name in str(error) else str(error)
    whole = abs(audio.samples.size - clean_length()) < 0.05 * RATE
    return "" if whole or audio.warnings else f"{audio.duration:.2f} s without a warning"


def _two_mp3(folder: Path) -> str:
    path = folder / "two.mp3"
    path.write_bytes(2 * encoded("MP3", "MPEG_LAYER_III"))
    return warned(load(path).warnings, "another MP3")


def _rifx(folder: Path) -> str:
    path = folder / "rifx.wav"
    sf.write(path, speech(), RATE, "PCM_16", "BIG", "WAV")
    assert path.read_bytes()[:4] == b"RIFX"
    return same_sound(load(path))
