"""Blocks of Markdown: tables of measures with intervals, and documents of blocks.

A document is a sequence of blocks, separated by empty lines: headings, paragraphs, tables and
figures. Measures are columns of a table, each with its heading, scale and precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prosodytok.evaluation.stats.bootstrap import Interval

#: Text of an undefined or missing value.
NONE = "n/a"


@dataclass(frozen=True)
class Column:
    """Column of a measure: its key, heading, scale, decimals, and whether it shows the interval."""

    key: str
    heading: str
    scale: float = 1
    digits: int = 2
    bounds: bool = True

    def cell(self, measures: Mapping[str, Interval]) -> str:
        """Text of the measure, or `NONE`."""
        return format_interval(measures.get(self.key), self.scale, self.digits, self.bounds)


@dataclass(frozen=True)
class Table:
    """Table of texts; as Markdown by `str`."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @classmethod
    def of_measures(
        cls,
        headings: Sequence[str],
        columns: Sequence[Column],
        rows: Iterable[tuple[Sequence[str], Mapping[str, Interval]]],
    ) -> Table:
        """Rows of leading texts under `headings`, then of measures under `columns`."""
        cells = [[*texts, *(c.cell(measures) for c in columns)] for texts, measures in rows]
        return cls([*headings, *(column.heading for column in columns)], cells)

    def __str__(self) -> str:
        rows = [self.headings, ["---"] * len(self.headings), *self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


#: A paragraph, heading or figure as Markdown, or a table.
Block = str | Table
Blocks = Iterator[Block]


def render(blocks: Iterable[Block]) -> str:
    """Join the blocks of a document."""
    return "\n\n".join(map(str, blocks)) + "\n"


def format_interval(
    interval: Interval | None, scale: float = 1, digits: int = 2, bounds: bool = True
) -> str:
    """Format as "value (low to high)", or the value alone; `NONE` if undefined."""
    if interval is None or math.isnan(interval.value):
        return NONE
    value, low, high = (
        f"{scale * x:z.{digits}f}" for x in (interval.value, interval.low, interval.high)
    )
    return f"{value} ({low} to {high})" if bounds else value


def counted(number: int, noun: str) -> str:
    """A number with its noun, as in "1 speaker" and "2 speakers"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
