"""Assignment of accents, boundary tones and break indices to words or syllables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from prosodytok.annotation.annotation_types import Accent, Annotation, Boundary, Break, UnitKind
from prosodytok.annotation.unit_alignment import REACH, UnitTimes, annotated_units
from prosodytok.annotation.unit_labels import UnitLabels

IN_PAUSE = "in a pause"
NO_START = f"no unit starts within {REACH} s"
NO_END = f"no unit ends within {REACH} s before it"
TAKEN = "its unit has another mark of this kind"

Edge = TypeVar("Edge", Boundary, Break)


@dataclass(frozen=True)
class Unassigned:
    """A mark without a unit, and the reason."""

    mark: Accent | Boundary | Break
    reason: str


def assign(
    annotation: Annotation, units: UnitKind = "word"
) -> tuple[UnitLabels, tuple[Unassigned, ...]]:
    """Assign each mark to a word or a syllable.

    An accent belongs to the unit that contains it, an interval to the unit with the largest
    overlap; an accent in a pause belongs to a unit within 60 ms. The end of a phrase and a break
    index belong to the unit that contains them, or to the unit that ends up to 60 ms before them,
    or up to 0.3 s before a pause. The start of a phrase belongs to the unit that starts nearest,
    within 0.3 s. A unit has any number of accents, but only one break index and one edge of each
    kind: the first.

    Parameters
    ----------
    annotation : Annotation
        Annotation of one utterance.
    units : {"word", "syllable"}
        Kind of unit.

    Returns
    -------
    UnitLabels, tuple of Unassigned
        Labels of the N units, and the marks without a unit.

    Raises
    ------
    AnnotationError
        If `units` is ``"syllable"`` and no syllables are annotated.
    """
    times = UnitTimes(annotation.units(units))
    unassigned: list[Unassigned] = []
    edges = {
        kind: [edge for edge in annotation.boundaries if kind in (edge.side, edge.level)]
        for kind in ("initial", "intermediate", "intonational")
    }
    final = {kind: [edge for edge in edges[kind] if edge.side == "final"] for kind in edges}
    starting = [times.starting(edge.time) for edge in edges["initial"]]
    labels = UnitLabels(
        times.units,
        accents=_accents(annotation.accents, times, unassigned),
        initial=_first_of_each(edges["initial"], starting, NO_START, times, unassigned),
        intermediate=_ending(final["intermediate"], times, unassigned),
        intonational=_ending(final["intonational"], times, unassigned),
        breaks=_ending(annotation.breaks, times, unassigned),
        annotated=annotated_units(annotation, times.units),
    )
    return labels, tuple(unassigned)


def _accents(
    accents: Sequence[Accent], times: UnitTimes, unassigned: list[Unassigned]
) -> tuple[tuple[Accent, ...], ...]:
    by_unit: list[list[Accent]] = [[] for _ in times.units]
    for accent in accents:
        unit = times.containing(accent.start, accent.end)
        if unit is None:
            unassigned.append(Unassigned(accent, IN_PAUSE))
        else:
            by_unit[unit].append(accent)
    return tuple(map(tuple, by_unit))


def _ending(
    marks: Sequence[Edge], times: UnitTimes, unassigned: list[Unassigned]
) -> tuple[Edge | None, ...]:
    indices = [times.ending(mark.time) for mark in marks]
    return _first_of_each(marks, indices, NO_END, times, unassigned)


def _first_of_each(
    marks: Sequence[Edge],
    indices: Sequence[int | None],
    reason: str,
    times: UnitTimes,
    unassigned: list[Unassigned],
) -> tuple[Edge | None, ...]:
    """First mark of each unit; the others are appended to `unassigned`."""
    assigned: list[Edge | None] = [None] * len(times.units)
    for mark, unit in zip(marks, indices, strict=True):
        if unit is None:
            unassigned.append(Unassigned(mark, reason))
        elif assigned[unit] is not None:
            unassigned.append(Unassigned(mark, TAKEN))
        else:
            assigned[unit] = mark
    return tuple(assigned)
