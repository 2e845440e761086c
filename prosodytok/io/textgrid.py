"""Praat TextGrids: reading of all formats, writing of the long text format.

Praat's own reader is not used: it crashes on some damaged files, and drops an interval that has the
same start as another.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from prosodytok.io.atomic import write_text
from prosodytok.io.limits import MAX_TEXTGRID_BYTES
from prosodytok.types.errors import SegmentationError
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.types.units import MAX_SECONDS, frames_to_seconds

Kind = Literal["interval", "point"]
KINDS: dict[str, Kind] = {"IntervalTier": "interval", "TextTier": "point"}

TEXT, CHRONOLOGICAL = 'File type = "ooTextFile', '"Praat chronological TextGrid text file"'
BINARY = b"ooBinaryFile\x08TextGrid"
#: A string, a comment, or a free-standing number or flag; everything else is ignored. Quantifiers
#: are possessive (++, *+) so that no backtracking positions of long strings are kept in memory.
_VALUE = re.compile(r'"((?:[^"]++|"")*+)"|(?<!\S)![^\n]*|(?<!\S)([-+.\deE]+|<\w+>)(?!\S)')


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


def read_textgrid(path: str | Path) -> list[Tier]:
    """Read all tiers of a TextGrid: long, short, binary or chronological, in any encoding.

    Raises
    ------
    SegmentationError
        If the file is missing or is not a TextGrid.
    """
    path = Path(path)
    if not path.is_file():
        raise SegmentationError(f"{path}: no such file")
    try:
        if path.stat().st_size > MAX_TEXTGRID_BYTES:
            raise SegmentationError(f"more than {MAX_TEXTGRID_BYTES} bytes: not a TextGrid")
        return parse_textgrid(path.read_bytes())
    except (SegmentationError, OSError) as error:
        raise SegmentationError(f"{path}: {error}") from error


def find_tier(tiers: Sequence[Tier], name: str) -> Tier:
    """Return the tier with a name.

    Raises
    ------
    SegmentationError
        If no tier or several tiers have the name.
    """
    found = [tier for tier in tiers if tier.name == name]
    if len(found) != 1:
        problem = "several tiers are" if found else "no tier is"
        raise SegmentationError(f"{problem} called {name!r}; there are {tier_names(tiers)}")
    return found[0]


def tier_names(tiers: Sequence[Tier]) -> str:
    """Names and kinds of tiers, for a message."""
    return ", ".join(f"{tier.name!r} ({tier.kind}s)" for tier in tiers) or "no tiers"


def parse_textgrid(content: bytes) -> list[Tier]:
    """Read the tiers of a file of any format and encoding.

    Raises
    ------
    SegmentationError
        If it is not a TextGrid, is damaged, or has times beyond a day.
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
    raise SegmentationError("not a TextGrid: unknown header")


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
    """Parse the long and the short format, which have the same grammar.

    Strings, free-standing numbers and flags are values; everything else is a comment ("TextGrid
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
        raise SegmentationError("the TextGrid is damaged: extra content at its end")
    return tiers


def _chronological(values: Iterator[str]) -> list[Tier]:
    """Parse all tier headers, then the entries in order of time, each with its tier number."""
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
        raise SegmentationError(f"a time of {time} s exceeds a day ({MAX_SECONDS} s)")
    return time


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

    def name(self) -> str:
        """Read the name of a class."""
        return self.take(int(self.number("B"))).decode("latin-1")

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
        raise SegmentationError("the TextGrid is damaged: extra content at its end")
    return tiers


def write_textgrid(path: str | Path, tokens: ProsodyTokens) -> None:
    """Write one utterance as a TextGrid in Praat's long text format, UTF-8.

    Each level is an interval tier of its name, labelled with its codes, such as ``12 40``. Levels
    with labels have another tier, ``words`` or ``phrases``, above these.

    Parameters
    ----------
    path : path
        The file; an existing one is replaced.
    tokens : ProsodyTokens
        The utterance.
    """
    write_text(path, format_textgrid(token_tiers(tokens)))


def token_tiers(tokens: ProsodyTokens) -> list[Tier]:
    """The labels and the codes of each level as interval tiers; see `write_textgrid`."""
    labelled = [level for level in tokens.levels if any(level.segmentation.labels)]
    columns = [(f"{level.name}s", level, level.segmentation.labels) for level in labelled]
    for level in tokens.levels:
        codes = tuple(" ".join(map(str, unit)) for unit in level.codes.T.tolist())
        columns.append((level.name, level, codes))
    tiers = []
    for name, level, labels in columns:
        edges = level.segmentation.boundaries.tolist()
        times = [frames_to_seconds(edge, tokens.frame_rate) for edge in edges]
        entries = tuple(map(Entry, times[:-1], times[1:], labels))
        tiers.append(Tier(name, "interval", entries, times[0], times[-1]))
    return tiers


def format_textgrid(tiers: Sequence[Tier]) -> str:
    """Format interval tiers as a TextGrid in Praat's long text format."""
    start, end = min(tier.start for tier in tiers), max(tier.end for tier in tiers)
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [f"xmin = {_number(start)} ", f"xmax = {_number(end)} ", "tiers? <exists> "]
    lines += [f"size = {len(tiers)} ", "item []: "]
    for number, tier in enumerate(tiers, 1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ']
        lines += [f"        name = {_quote(tier.name)} "]
        lines += [f"        xmin = {_number(tier.start)} ", f"        xmax = {_number(tier.end)} "]
        lines += [f"        intervals: size = {len(tier.entries)} "]
        for index, entry in enumerate(tier.entries, 1):
            lines += [f"        intervals [{index}]:"]
            lines += [f"            xmin = {_number(entry.start)} "]
            lines += [f"            xmax = {_number(entry.end)} "]
            lines += [f"            text = {_quote(entry.label)} "]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    """A number as Praat writes it, so that it reads back exactly: 0, not 0.0."""
    return repr(float(value)).removesuffix(".0")


def _quote(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
