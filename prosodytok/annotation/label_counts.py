"""Counts of labels, of labelled units and of unassigned marks over a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from prosodytok.annotation.annotation_types import Accent, Annotation, Boundary, Break, UnitKind
from prosodytok.annotation.assign_labels import assign


@dataclass
class Summary:
    """Counts over a corpus; `str` formats them as text.

    Parameters
    ----------
    kind : {"word", "syllable"}
        Kind of unit.
    utterances, units, annotated_units : int
        Count of each.
    accented_units, several_accents : int
        Units with an accent, and with more than one.
    phrase_ends : int
        Units at the end of an intonational phrase.
    doubtful : int
        Accents, boundaries and break indices marked as uncertain.
    accents, boundaries, breaks : Counter
        All annotated ones by type, by tone and by index.
    unassigned : Counter
        Marks without a unit, by label and reason.
    unknown, other : Counter
        Further marks, by label and reason.
    """

    kind: UnitKind
    utterances: int = 0
    units: int = 0
    annotated_units: int = 0
    accented_units: int = 0
    several_accents: int = 0
    phrase_ends: int = 0
    doubtful: int = 0
    accents: Counter[str] = field(default_factory=Counter)
    boundaries: Counter[str] = field(default_factory=Counter)
    breaks: Counter[int] = field(default_factory=Counter)
    unassigned: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    def add(self, annotation: Annotation) -> None:
        """Add the counts of an utterance.

        Raises
        ------
        AnnotationError
            If `kind` is ``"syllable"`` and the utterance has no syllables.
        """
        labels, unassigned = assign(annotation, self.kind)
        self.utterances += 1
        self.units += len(labels)
        self.annotated_units += int(labels.annotated.sum())
        self.accented_units += int(labels.accented.sum())
        self.several_accents += sum(len(accents) > 1 for accents in labels.accents)
        self.phrase_ends += int(labels.boundary.sum())
        self.doubtful += _count_doubtful(annotation)
        self.accents.update(accent.type for accent in annotation.accents)
        self.boundaries.update(f"{edge.side} {edge.tone}" for edge in annotation.boundaries)
        self.breaks.update(index.index for index in annotation.breaks)
        self.unassigned.update(f"{each.mark.label}: {each.reason}" for each in unassigned)
        self.unknown.update(f"{mark.label}: {mark.reason}" for mark in annotation.unknown)
        self.other.update(f"{mark.label}: {mark.reason}" for mark in annotation.other)

    def __str__(self) -> str:
        lines = [
            f"{self.utterances} utterances, {self.units} {self.kind}s, "
            f"{self.annotated_units} of them annotated",
            f"{self.accented_units} {self.kind}s with an accent, {self.several_accents} of them "
            f"with several; {self.phrase_ends} end an intonational phrase",
            f"{self.doubtful} doubtful marks",
        ]
        for name in ("accents", "boundaries", "breaks", "unassigned", "unknown", "other"):
            counts: Counter[str] | Counter[int] = getattr(self, name)
            lines.append(f"{name}: {counts.total()}")
            lines += [f"  {count:6}  {label}" for label, count in counts.most_common()]
        return "\n".join(lines)


def _count_doubtful(annotation: Annotation) -> int:
    marks: list[Accent | Boundary | Break] = [*annotation.accents, *annotation.boundaries]
    marks += annotation.breaks
    return sum(not mark.certain for mark in marks)


def summarize(annotations: Iterable[Annotation], units: UnitKind = "word") -> Summary:
    """Count labels, units and unassigned marks over a corpus.

    Parameters
    ----------
    annotations : iterable of Annotation
        Any number of utterances.
    units : {"word", "syllable"}
        Kind of unit.

    Raises
    ------
    AnnotationError
        If `units` is ``"syllable"`` and an utterance has no syllables.
    """
    summary = Summary(units)
    for annotation in annotations:
        summary.add(annotation)
    return summary
