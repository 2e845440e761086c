"""The formats of Praat's TextGrids: long, short, chronological and binary.

All are read here and none by Praat, which crashes on files that are damaged in the right place, and
drops an interval that starts where another does.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from prosodytok.errors import SegmentationError
from prosodytok.limits import MAX_SECONDS

Kind = Literal["interval", "point"]
KINDS: dict[str, Kind] = {"IntervalTier": "interval", "TextTier": "point"}

TEXT, CHRONOLOGICAL = 'File type = "ooTextFile', '"Praat chronological TextGrid text file"'
BINARY = b"ooBinaryFile\x08TextGrid"
#: A string, a comment, or a free-standing number or flag: all else says nothing. What a string has
#: taken it keeps (++, *+), or its length in steps back would be kept in memory.
_VALUE = re.compile(r'"((?:[^"]++|"")*+)"|(?<!\S)![^\n]*|(?<!\S)([-+.\deE]+|<\w+>)(?!\S)')


class Entry(NamedTuple):
    """A labelled stretch of time (s); a point starts and ends at its time."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Tier:
    """A tier of a TextGrid.

    Parameters
    ----------
    name : str
        Name of the tier.
    kind : {"interval", "point"}
        Whether its entries last.
    entries : tuple of Entry
        Intervals or points in order of time, empty intervals included, labels as written.
    start, end : float
        Time domain (s).
    """

    name: str
    kind: Kind
    entries: tuple[Entry, ...]
    start: float
    end: float


def parse_textgrid(content: bytes) -> list[Tier]:
    """Read the tiers of a file of any format and encoding.

    Raises
    ------
    SegmentationError
        If it is no TextGrid, is damaged, or has times beyond a day.
    """
    try:
        if content.startswith(BINARY):
            return _binary(_Bytes(content, len(BINARY)))
        text = _decode(content)
        if text.startswith(TEXT):
            return _text(_values(text))
        if text.startswith(CHRONOLOGICAL):
            return _chronological(_values(text))
    except (StopIteration, LookupError, ValueError, struct.error) as error:
        raise SegmentationError("the TextGrid is damaged or incomplete") from error
    raise SegmentationError("not a TextGrid: it begins like none of its formats")


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _values(text: str) -> Iterator[str]:
    for match in _VALUE.finditer(text):
        if match[1] is not None:
            yield match[1].replace('""', '"')
        elif match[2] is not None:
            yield match[2]


def _text(values: Iterator[str]) -> list[Tier]:
    """The long and the short format, which to Praat are one.

    What counts are the strings, free-standing numbers and flags; all else is comment ("TextGrid
    file formats" in Praat's manual).
    """
    _, content = next(values), next(values)
    if content != "TextGrid":
        raise SegmentationError(f"not a TextGrid but a {content:.40}")
    _, _, exists = _time(next(values)), _time(next(values)), next(values)
    count = int(next(values)) if exists == "<exists>" else 0
    tiers = []
    for _ in range(count):
        kind = KINDS[next(values)]
        name, start, end = next(values), _time(next(values)), _time(next(values))
        entries = [_entry(kind, values) for _ in range(int(next(values)))]
        tiers.append(Tier(name, kind, tuple(entries), start, end))
    if next(values, None) is not None:
        raise SegmentationError("the TextGrid is damaged: it has more than it announces")
    return tiers


def _chronological(values: Iterator[str]) -> list[Tier]:
    """First all tiers, then the entries of all in order of time, each with its tier's number."""
    _, _, _, count = next(values), _time(next(values)), _time(next(values)), int(next(values))
    tiers: list[tuple[Kind, str, float, float]] = []
    for _ in range(count):
        kind = KINDS[next(values)]
        tiers.append((kind, next(values), _time(next(values)), _time(next(values))))
    entries: list[list[Entry]] = [[] for _ in tiers]
    for number in values:
        tier = int(number) - 1
        if not 0 <= tier < len(tiers):
            raise SegmentationError(f"the TextGrid is damaged: it has no tier {tier + 1}")
        entries[tier].append(_entry(tiers[tier][0], values))
    return [
        Tier(name, kind, tuple(found), start, end)
        for (kind, name, start, end), found in zip(tiers, entries, strict=True)
    ]


def _entry(kind: Kind, values: Iterator[str]) -> Entry:
    start = _time(next(values))
    end = _time(next(values)) if kind == "interval" else start
    return Entry(start, end, next(values))


def _time(value: str | float) -> float:
    time = float(value)
    if not abs(time) <= MAX_SECONDS:
        raise SegmentationError(f"a time of {time} s, and a day ({MAX_SECONDS} s) is the most")
    return time


class _Bytes:
    """Numbers and strings of a binary file, one after the other, big-endian."""

    def __init__(self, content: bytes, place: int) -> None:
        self._content, self._place = content, place

    @property
    def finished(self) -> bool:
        return self._place == len(self._content)

    def number(self, kind: str) -> float:
        """A number, of a kind as `struct` names it."""
        (value,) = struct.unpack(f">{kind}", self.take(struct.calcsize(kind)))
        return float(value)

    def time(self) -> float:
        return _time(self.number("d"))

    def count(self) -> int:
        return int(self.number("i"))

    def name(self) -> str:
        """The name of a class."""
        return self.take(int(self.number("B"))).decode("latin-1")

    def label(self) -> str:
        """A string: Latin-1, or UTF-16 where that does not do."""
        length = int(self.number("H"))
        if length < 0xFFFF:
            return self.take(length).decode("latin-1")
        return self.take(2 * int(self.number("H"))).decode("utf-16-be")

    def take(self, length: int) -> bytes:
        """So many bytes."""
        taken = self._content[self._place : self._place + length]
        self._place += length
        if len(taken) < length:
            raise ValueError("cut short")
        return taken


def _binary(content: _Bytes) -> list[Tier]:
    content.time(), content.time()
    tiers = []
    for _ in range(content.count() if content.number("B") else 0):
        kind = KINDS[content.name()]
        name, start, end = content.label(), content.time(), content.time()
        entries = []
        for _ in range(content.count()):
            first = content.time()
            last = content.time() if kind == "interval" else first
            entries.append(Entry(first, last, content.label()))
        tiers.append(Tier(name, kind, tuple(entries), start, end))
    if not content.finished:
        raise SegmentationError("the TextGrid is damaged: it has more than it announces")
    return tiers
