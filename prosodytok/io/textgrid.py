"""Praat TextGrids: reading, choice of tiers, times relative to the sound, and writing."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from prosodytok.io.atomic import write_text
from prosodytok.io.limits import MAX_TEXTGRID_BYTES
from prosodytok.io.textgrid_parser import Entry, TextGrid, Tier, parse_textgrid
from prosodytok.types.errors import SegmentationError
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.types.units import frames_to_seconds

__all__ = [
    "Entry",
    "TextGrid",
    "Tier",
    "align_to_sound",
    "find_tier",
    "format_textgrid",
    "read_textgrid",
    "tier_names",
    "token_tiers",
    "write_textgrid",
]

#: Largest difference (s) between the ends of a TextGrid and of its sound.
END_TOLERANCE = 0.5
#: Largest start (s) that makes no difference.
NEGLIGIBLE_START = 0.005


def read_textgrid(path: str | Path, duration: float | None = None) -> TextGrid:
    """Read all tiers of a TextGrid: long, short, binary or chronological, in any encoding.

    Parameters
    ----------
    path : path
        The file.
    duration : float, optional
        Length of its sound (s): the times are made relative to its start, see `align_to_sound`.

    Raises
    ------
    SegmentationError
        If the file is missing or is not a TextGrid, or its times do not fit the sound; the message
        names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise SegmentationError(f"{path}: no such file")
    try:
        if path.stat().st_size > MAX_TEXTGRID_BYTES:
            raise SegmentationError(f"more than {MAX_TEXTGRID_BYTES} bytes: not a TextGrid")
        grid = parse_textgrid(path.read_bytes())
        return grid if duration is None else align_to_sound(grid, duration)
    except (SegmentationError, OSError) as error:
        raise SegmentationError(f"{path}: {error}") from error


def align_to_sound(grid: TextGrid, duration: float) -> TextGrid:
    """Make the times of a TextGrid relative to the start of its sound.

    A TextGrid may start at another time than 0: "Preserve times" of Praat's *Extract part* keeps
    the times of the longer recording. If its length fits the sound, its times are shifted to start
    at 0. If its end does, it lacks the first part of the sound, and its times stay. Tiers with ends
    of their own get those of the TextGrid.

    Parameters
    ----------
    grid : TextGrid
        Output of `read_textgrid`.
    duration : float
        Length of the sound (s).

    Raises
    ------
    SegmentationError
        If neither fits within 0.5 s, or both about equally.
    """
    by_end, by_length = abs(grid.end - duration), abs(grid.end - grid.start - duration)
    if min(by_end, by_length) > END_TOLERANCE:
        raise SegmentationError(
            f"the TextGrid lasts from {grid.start:.2f} to {grid.end:.2f} s and the sound "
            f"{duration:.2f} s: they are not of the same recording"
        )
    origin = 0.0
    if abs(grid.start) > NEGLIGIBLE_START:
        if abs(by_end - by_length) < abs(grid.start) / 2:
            raise SegmentationError(
                f"the TextGrid lasts from {grid.start:.2f} to {grid.end:.2f} s and the sound "
                f"{duration:.2f} s: is time 0 the start of the sound or of another recording? In "
                "Praat, Modify > Shift times to... moves the start to 0"
            )
        origin = grid.start if by_length < by_end else 0.0
    start, end = grid.start - origin, grid.end - origin
    tiers = [replace(tier.shifted(origin), start=start, end=end) for tier in grid]
    return TextGrid(tuple(tiers), start, end)


def find_tier(tiers: Sequence[Tier], name: str) -> Tier:
    """Return the tier with a name, or with a number that counts from 1, as in Praat.

    A name takes precedence over a number; spaces around it may be omitted.

    Raises
    ------
    SegmentationError
        If no tier or several tiers have the name.
    """
    exact = [tier for tier in tiers if tier.name == name]
    found = exact or [tier for tier in tiers if _normalize(tier.name) == _normalize(name)]
    if len(found) == 1:
        return found[0]
    if not found and name.strip().isdecimal() and 0 < int(name) <= len(tiers):
        return tiers[int(name) - 1]
    problem = "several tiers are" if found else "no tier is"
    raise SegmentationError(
        f"{problem} called {name!r}; there are {tier_names(tiers)}. A tier can be chosen by its "
        "number too"
    )


def tier_names(tiers: Sequence[Tier]) -> str:
    """Numbers, names and kinds of tiers, for a message."""
    names = [f"{number} {tier.name!r} ({tier.kind}s)" for number, tier in enumerate(tiers, 1)]
    return ", ".join(names) or "no tiers"


def _normalize(name: str) -> str:
    """A name without spaces around it, with accented letters as one character each."""
    return unicodedata.normalize("NFC", name).strip()


def write_textgrid(path: str | Path, tokens: ProsodyTokens) -> None:
    """Write one utterance as a TextGrid in Praat's long text format, UTF-8.

    Each level is an interval tier of its name, labelled with its codes, such as ``12 40``. Levels
    with labels have another tier, ``words`` or ``phrases``, above these. All end where the sound
    does, if its exact length is known, else with the last frame.

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
        times[-1] = tokens.duration if tokens.sound_duration is None else tokens.sound_duration
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
