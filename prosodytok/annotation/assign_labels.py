"""Give accents, boundary tones and break indices to words or syllables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from prosodytok.annotation.annotation_types import Accent, Annotation, Boundary, Break, Units
from prosodytok.annotation.stretch import annotated_units
from prosodytok.annotation.unit_alignment import REACH, Spans
from prosodytok.annotation.unit_labels import UnitLabels

IN_PAUSE = "in a pause"
NO_START = f"no unit starts within {REACH} s"
NO_END = f"no unit ends within {REACH} s before it"
TAKEN = "its unit has another mark of this kind"

Edge = TypeVar("Edge", Boundary, Break)


@dataclass(frozen=True)
class Unassigned:
    """A mark that no unit could be given, and why."""

    mark: Accent | Boundary | Break
    reason: str


def assign(
    annotation: Annotation, units: Units = "word"
) -> tuple[UnitLabels, tuple[Unassigned, ...]]:
    """Give each mark to a word or a syllable.

    An accent goes to the unit that holds it, an interval to the one it shares most time with; one
    in a gap goes to a unit within 60 ms. What ends a phrase, and a break index, goes to the unit
    that holds it, or to the one that ended up to 60 ms before it, or up to 0.3 s where a pause
    follows. What begins a phrase goes to the unit that starts nearest, within 0.3 s. A unit takes
    any number of accents, but one break index and one edge of each kind: the first.

    Parameters
    ----------
    annotation : Annotation
        Of one utterance.
    units : {"word", "syllable"}
        What to give the marks to.

    Returns
    -------
    UnitLabels, tuple of Unassigned
        The labels of the N units, and what could not be given to any.

    Raises
    ------
    AnnotationError
        If syllables are asked for and none are annotated.
    """
    spans = Spans(annotation.units(units))
    lost: list[Unassigned] = []
    edges = {
        kind: [edge for edge in annotation.boundaries if kind in (edge.side, edge.level)]
        for kind in ("initial", "intermediate", "intonational")
    }
    final = {kind: [edge for edge in edges[kind] if edge.side == "final"] for kind in edges}
    starting = [spans.starting(edge.time) for edge in edges["initial"]]
    labels = UnitLabels(
        spans.units,
        accents=_accents(annotation.accents, spans, lost),
        initial=_one_each(edges["initial"], starting, NO_START, spans, lost),
        intermediate=_ending(final["intermediate"], spans, lost),
        intonational=_ending(final["intonational"], spans, lost),
        breaks=_ending(annotation.breaks, spans, lost),
        annotated=annotated_units(annotation, spans.units),
    )
    return labels, tuple(lost)


def _accents(
    accents: Sequence[Accent], spans: Spans, lost: list[Unassigned]
) -> tuple[tuple[Accent, ...], ...]:
    held: list[list[Accent]] = [[] for _ in spans.units]
    for accent in accents:
        unit = spans.holding(accent.start, accent.end)
        if unit is None:
            lost.append(Unassigned(accent, IN_PAUSE))
        else:
            held[unit].append(accent)
    return tuple(map(tuple, held))


def _ending(marks: Sequence[Edge], spans: Spans, lost: list[Unassigned]) -> tuple[Edge | None, ...]:
    return _one_each(marks, [spans.ending(mark.time) for mark in marks], NO_END, spans, lost)


def _one_each(
    marks: Sequence[Edge],
    places: Sequence[int | None],
    reason: str,
    spans: Spans,
    lost: list[Unassigned],
) -> tuple[Edge | None, ...]:
    """Lay marks in their places, the first in each; the others are `lost`."""
    given: list[Edge | None] = [None] * len(spans.units)
    for mark, unit in zip(marks, places, strict=True):
        if unit is None:
            lost.append(Unassigned(mark, reason))
        elif given[unit] is not None:
            lost.append(Unassigned(mark, TAKEN))
        else:
            given[unit] = mark
    return tuple(given)
