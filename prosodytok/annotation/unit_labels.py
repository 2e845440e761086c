"""What is annotated on each word or syllable, as tuples and arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation.annotation_types import Accent, Boundary, Break
from prosodytok.io.textgrid import Entry

Bools = NDArray[np.bool_]
#: The break index of a full intonational phrase.
PHRASE_BREAK = 4


@dataclass(frozen=True)
class UnitLabels:
    """What is annotated on each of N words or syllables.

    Parameters
    ----------
    units : tuple of Entry, length N
        The words or syllables, pauses left out.
    accents : tuple of tuple of Accent, length N
        All accents of each, in order of time; the last is nearest to the nucleus.
    initial, intermediate, intonational : tuple of (Boundary or None), length N
        The edge that begins with each, and the two that end with it.
    breaks : tuple of (Break or None), length N
        The break index after each.
    annotated : (N,) bool
        False where the annotator has not been, so that nothing follows from the lack of a mark.
    """

    units: tuple[Entry, ...]
    accents: tuple[tuple[Accent, ...], ...]
    initial: tuple[Boundary | None, ...]
    intermediate: tuple[Boundary | None, ...]
    intonational: tuple[Boundary | None, ...]
    breaks: tuple[Break | None, ...]
    annotated: Bools

    def __len__(self) -> int:
        return len(self.units)

    @property
    def accented(self) -> Bools:
        """Whether each unit has an accent, doubtful ones included, shape (N,)."""
        return np.array([bool(accents) for accents in self.accents], dtype=bool)

    @property
    def accent_type(self) -> tuple[str, ...]:
        """Type of each unit's last accent; ``""`` where it has none."""
        return tuple(accents[-1].type if accents else "" for accents in self.accents)

    @property
    def accent_certain(self) -> Bools:
        """False where the annotator doubts that the unit is accented, shape (N,)."""
        return np.array([not a or any(x.certain for x in a) for a in self.accents], dtype=bool)

    @property
    def boundary(self) -> Bools:
        """Whether an intonational phrase ends with each unit, by tone or break of 4, (N,)."""
        toned = np.array([tone is not None for tone in self.intonational], dtype=bool)
        return np.asarray(toned | (self.break_index == PHRASE_BREAK))

    @property
    def boundary_tone(self) -> tuple[str, ...]:
        """Tones with which phrases end at each unit: ``"L%"``, ``"H-"``; ``""`` where none is.

        An intermediate and an intonational tone make one, ``"L-H%"``.
        """
        return tuple(map(_closing_tone, self.intermediate, self.intonational))

    @property
    def boundary_certain(self) -> Bools:
        """False where the annotator doubts whether an intonational phrase ends, shape (N,)."""
        doubted = [
            (tone is not None and not tone.certain)
            or (
                tone is None
                and index is not None
                and index.index == PHRASE_BREAK
                and not index.certain
            )
            for tone, index in zip(self.intonational, self.breaks, strict=True)
        ]
        return ~np.array(doubted, dtype=bool)

    @property
    def initial_tone(self) -> tuple[str, ...]:
        """Tone with which a phrase begins at each unit, ``"%H"``; ``""`` where none is marked."""
        return tuple("" if edge is None else edge.tone for edge in self.initial)

    @property
    def break_index(self) -> NDArray[np.int64]:
        """Break index after each unit, shape (N,); -1 where it is not known."""
        return np.array([-1 if b is None else b.index for b in self.breaks], dtype=np.int64)


def _closing_tone(phrase_accent: Boundary | None, boundary_tone: Boundary | None) -> str:
    tones = ["" if edge is None else edge.tone for edge in (phrase_accent, boundary_tone)]
    # "L-H%" may also be written as one mark.
    return tones[1] if "-" in tones[1] else "".join(tones)
