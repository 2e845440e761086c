"""Parser of Praat's TextGrid formats: long, short, binary and chronological, in any encoding.

Praat's own reader is not used: it crashes on some damaged files, and drops an interval that has the
same start as another.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, overload

from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import MAX_SECONDS

Kind = Literal["interval", "point"]
KINDS: dict[str, Kind] = {"IntervalTier": "interval", "TextTier": "point"}

TEXT = re.compile(r'\s*File type\s*=\s*"ooTextFile')
CHRONOLOGICAL = re.compile(r'\s*"Praat chronological TextGrid text file"')
BINARY = b"ooBinaryFile\x08TextGrid"
#: A string, a comment, or a free-standing flag or number, also after ``=`` or ``?``; everything
#: else is ignored. Quantifiers are possessive (++, *+) so that no backtracking positions of long
#: strings are kept in memory.
_VALUE = re.compile(
    r'"((?:[^"]++|"")*+)"'
    r"|(?<!\S)![^\r\n]*+"
    r"|(?<![^\s=?])(<\w++>|[-+]?(?:\d++(?:[.,]\d*+)?|[.,]\d++)(?:[eE][-+]?\d++)?)(?!\S)"
)
#: What text in a Latin alphabet has, and what it has not: accented letters and quotes in their
#: places; symbols after a letter, or capitals after a small letter.
_LIKELY = re.compile(r"[à-öø-ÿœß\u2019]|(?<![^\W\d_])[\u2018\u201c]|\u201d(?![^\W\d_])")
_UNLIKELY = re.compile(
    r"(?<=[a-zß-ÿ])[^\x00-\x7fß-ÿœ\u2019\u201d]|(?<=[A-ZÀ-Þ])[^\x00-\x7f\w\u2019\u201d]"
)


class Entry(NamedTuple):
    """A labelled interval (s); for a point, start and end are equal."""

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
        Type of the entries.
    entries : tuple of Entry
        Intervals or points in order of time, including empty intervals; labels as written.
    start, end : float
        Time domain (s).
    """

    name: str
    kind: Kind
    entries: tuple[Entry, ...]
    start: float
    end: float

    def shifted(self, seconds: float) -> Tier:
        """The tier with all times moved earlier."""
        entries = tuple(Entry(s - seconds, e - seconds, label) for s, e, label in self.entries)
        return replace(self, entries=entries, start=self.start - seconds, end=self.end - seconds)


@dataclass(frozen=True)
class TextGrid(Sequence[Tier]):
    """The tiers of a file, and its time domain from `start` to `end` (s)."""

    tiers: tuple[Tier, ...]
    start: float
    end: float

    @overload
    def __getitem__(self, index: int) -> Tier: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Tier]: ...
    def __getitem__(self, index: int | slice) -> Tier | Sequence[Tier]:
        return self.tiers[index]

    def __len__(self) -> int:
        return len(self.tiers)


def parse_textgrid(content: bytes) -> TextGrid:
    """Read a TextGrid of any format and encoding.

    Raises
    ------
    SegmentationError
        If it is not a TextGrid, is damaged, or has times beyond a day.
    """
    try:
        if content.startswith(BINARY):
            return _tier_by_tier(_Bytes(content, len(BINARY)))
        text = _decode(content)
        if TEXT.match(text):
            return _text(_Values(text))
        if CHRONOLOGICAL.match(text):
            return _chronological(_Values(text))
    except (LookupError, ValueError, OverflowError, struct.error) as error:
        raise SegmentationError("the TextGrid is damaged or incomplete") from error
    raise SegmentationError("not a TextGrid: unknown header")


def _decode(content: bytes) -> str:
    """Decode UTF-16, also without a byte order mark, UTF-8, Windows Latin or Mac Roman."""
    if content[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return content.decode("utf-16", errors="replace")
    if 0 in content[:2]:
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        texts = [content.decode(name, errors="replace") for name in ("cp1252", "mac-roman")]
        return max(
            texts, key=lambda text: len(_LIKELY.findall(text)) - len(_UNLIKELY.findall(text))
        )


class _Values:
    """Sequential reader of the strings, numbers and flags of a text file.

    Everything else is a comment ("TextGrid file formats" in Praat's manual).
    """

    def __init__(self, text: str) -> None:
        self._matches = (match for match in _VALUE.finditer(text) if match.lastindex)
        self._next = next(self._matches, None)

    @property
    def finished(self) -> bool:
        return self._next is None

    def take(self) -> re.Match[str]:
        """Read a value: group 1 is a string, group 2 a number or a flag."""
        taken, self._next = self._next, next(self._matches, None)
        if taken is None:
            raise ValueError("cut short")
        return taken

    def label(self) -> str:
        """Read a string."""
        match = self.take()
        if match[1] is None:
            raise ValueError(f"{match[2]} instead of a string")
        return match[1].replace('""', '"')

    def kind(self) -> Kind:
        """Read the class of a tier."""
        return KINDS[self.label()]

    def time(self) -> float:
        return _time(self.number())

    def number(self) -> float:
        """Read a number, also one with a decimal comma."""
        return float((self.take()[2] or "a string").replace(",", "."))

    def count(self) -> int:
        return int(self.number())

    def tier_count(self) -> int:
        """Read whether there are tiers, which some programs omit, and their number."""
        if self._next is not None and (self._next[2] or "").startswith("<"):
            return self.count() if self.take()[2] == "<exists>" else 0
        return self.count()


class _Bytes:
    """Sequential reader of the numbers and strings of a binary file, big-endian."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content, self._position = content, position

    @property
    def finished(self) -> bool:
        return self._position == len(self._content)

    def number(self, kind: str) -> float:
        """Read a number of a `struct` format."""
        (value,) = struct.unpack(f">{kind}", self.take(struct.calcsize(kind)))
        return float(value)

    def time(self) -> float:
        return _time(self.number("d"))

    def count(self) -> int:
        return int(self.number("i"))

    def tier_count(self) -> int:
        return self.count() if self.number("B") else 0

    def kind(self) -> Kind:
        """Read the class of a tier."""
        return KINDS[self.take(int(self.number("B"))).decode("latin-1")]

    def label(self) -> str:
        """Read a string: Latin-1, or UTF-16 after a length of 0xFFFF."""
        length = int(self.number("H"))
        if length < 0xFFFF:
            return self.take(length).decode("latin-1")
        return self.take(2 * int(self.number("H"))).decode("utf-16-be")

    def take(self, length: int) -> bytes:
        """Read `length` bytes."""
        taken = self._content[self._position : self._position + length]
        self._position += length
        if len(taken) < length:
            raise ValueError("cut short")
        return taken


def _text(values: _Values) -> TextGrid:
    """Parse the long and the short format, which have the same grammar."""
    _, content = values.label(), values.label()
    if content != "TextGrid":
        raise SegmentationError(f"not a TextGrid but a {content:.40}")
    return _tier_by_tier(values)


def _tier_by_tier(values: _Values | _Bytes) -> TextGrid:
    """Parse a text or binary file after its header."""
    start, end = values.time(), values.time()
    tiers = []
    for _ in range(values.tier_count()):
        kind, name, *domain = _header(values)
        entries = [_entry(kind, values) for _ in range(values.count())]
        tiers.append(Tier(name, kind, tuple(entries), *domain))
    if not values.finished:
        raise SegmentationError("the TextGrid is damaged: extra content at its end")
    return TextGrid(tuple(tiers), start, end)


def _chronological(values: _Values) -> TextGrid:
    """Parse all tier headers, then the entries in order of time, each with its tier number."""
    values.label()
    start, end = values.time(), values.time()
    headers = [_header(values) for _ in range(values.count())]
    entries: list[list[Entry]] = [[] for _ in headers]
    while not values.finished:
        number = values.count()
        if not 0 < number <= len(headers):
            raise SegmentationError(f"the TextGrid is damaged: it has no tier {number}")
        entries[number - 1].append(_entry(headers[number - 1][0], values))
    tiers = [
        Tier(name, kind, tuple(found), *domain)
        for (kind, name, *domain), found in zip(headers, entries, strict=True)
    ]
    return TextGrid(tuple(tiers), start, end)


def _header(values: _Values | _Bytes) -> tuple[Kind, str, float, float]:
    return values.kind(), values.label(), values.time(), values.time()


def _entry(kind: Kind, values: _Values | _Bytes) -> Entry:
    start = values.time()
    end = values.time() if kind == "interval" else start
    return Entry(start, end, values.label())


def _time(time: float) -> float:
    if not abs(time) <= MAX_SECONDS:
        raise SegmentationError(f"a time of {time} s exceeds a day ({MAX_SECONDS} s)")
    return time
