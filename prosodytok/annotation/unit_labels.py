"""Prosodic labels of each word or syllable, as tuples and arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation.annotation_types import Accent, Boundary, Break
from prosodytok.io.textgrid import Entry

Bools = NDArray[np.bool_]
#: Break index at the end of an intonational phrase.
PHRASE_BREAK = 4


@dataclass(frozen=True)
class UnitLabels:
    """Prosodic labels of N words or syllables.

    Parameters
    ----------
    units : tuple of Entry, length N
        Words or syllables, without pauses.
    accents : tuple of tuple of Accent, length N
        All accents of each unit in temporal order; the last is nearest to the nucleus.
    initial, intermediate, intonational : tuple of (Boundary or None), length N
        Phrase edge at the start of each unit, and the two kinds of phrase edge at its end.
    breaks : tuple of (Break or None), length N
        Break index after each unit.
    annotated : (N,) bool
        False outside of the annotated stretches, where the absence of a mark is not evidence.
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
        """Presence of an accent on each unit, doubtful ones included, shape (N,)."""
        return np.array([bool(accents) for accents in self.accents], dtype=bool)

    @property
    def accent_type(self) -> tuple[str, ...]:
        """Type of the last accent of each unit; ``""`` without an accent."""
        return tuple(accents[-1].type if accents else "" for accents in self.accents)

    @property
    def accent_certain(self) -> Bools:
        """False where the presence of an accent is in doubt, shape (N,)."""
        return np.array([not a or any(x.certain for x in a) for a in self.accents], dtype=bool)

    @property
    def boundary(self) -> Bools:
        """End of an intonational phrase at each unit, by tone or break index 4, shape (N,)."""
        toned = np.array([tone is not None for tone in self.intonational], dtype=bool)
        return np.asarray(toned | (self.break_index == PHRASE_BREAK))

    @property
    def boundary_tone(self) -> tuple[str, ...]:
        """Closing tone at each unit: ``"L%"``, ``"H-"``; ``""`` without a phrase end.

        An intermediate and an intonational tone are joined: ``"L-H%"``.
        """
        return tuple(map(_closing_tone, self.intermediate, self.intonational))

    @property
    def boundary_certain(self) -> Bools:
        """False where the end of an intonational phrase is in doubt, shape (N,)."""
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
        """Opening tone at each unit, ``"%H"``; ``""`` where none is marked."""
        return tuple("" if edge is None else edge.tone for edge in self.initial)

    @property
    def break_index(self) -> NDArray[np.int64]:
        """Break index after each unit, shape (N,); -1 where it is missing."""
        return np.array([-1 if b is None else b.index for b in self.breaks], dtype=np.int64)


def _closing_tone(phrase_accent: Boundary | None, boundary_tone: Boundary | None) -> str:
    tones = ["" if edge is None else edge.tone for edge in (phrase_accent, boundary_tone)]
    # A single mark may hold both tones: "L-H%".
    return tones[1] if "-" in tones[1] else "".join(tones)
