"""Hand annotation of an utterance as data types that all labelling schemes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prosodytok.io.textgrid import Entry
from prosodytok.types.errors import ProsodytokError

Side = Literal["initial", "final"]
Level = Literal["intonational", "intermediate"]
UnitKind = Literal["word", "syllable"]


class AnnotationError(ProsodytokError):
    """A hand annotation cannot be read or lacks a requested tier."""


@dataclass(frozen=True)
class Accent:
    """A pitch accent.

    Parameters
    ----------
    start, end : float
        Times of the mark (s); both are the same for a point.
    label : str
        Original label.
    type : str
        Tones without downstep, upstep and register (``"H*"``, ``"L+H*"``, ``"L*H"``);
        ``"*"`` for an open or doubtful type.
    certain : bool
        False where the presence of the accent is in doubt (``*?``).
    downstepped : bool
        Whether one of the tones is marked ``!``.
    """

    start: float
    end: float
    label: str
    type: str
    certain: bool = True
    downstepped: bool = False


@dataclass(frozen=True)
class Boundary:
    """An edge of an intonational or intermediate phrase.

    Parameters
    ----------
    time : float
        Time of the mark (s).
    label : str
        Original label.
    side : {"initial", "final"}
        Whether the phrase begins or ends here.
    level : {"intonational", "intermediate"}
        Kind of phrase.
    tone : str
        ``"L%"``, ``"H-L%"``, ``"L-"``, ``"%H"``...; ``"%"`` or ``"-"`` alone is an edge without a
        tone, or with an open or doubtful one.
    certain : bool
        False where the presence of the edge is in doubt (``%?``, ``-?``).
    downstepped : bool
        Whether the phrase accent is marked ``!`` (``!H-L%``).
    """

    time: float
    label: str
    side: Side
    level: Level
    tone: str
    certain: bool = True
    downstepped: bool = False


@dataclass(frozen=True)
class Break:
    """A break index: the strength of the juncture between a word and the next.

    Parameters
    ----------
    time : float
        Time of the mark (s).
    label : str
        Original label.
    index : int
        0 to 4; -1 for an undecided index (``X``).
    certain : bool
        False for doubt between this index and the one below (``3-``).
    disfluent : bool
        Whether the break is a disfluency (``1p``, ``2p``, ``3p``).
    """

    time: float
    label: str
    index: int
    certain: bool = True
    disfluent: bool = False


@dataclass(frozen=True)
class Mark:
    """A mark that is neither an accent, a boundary nor a break index.

    Parameters
    ----------
    time : float
        Time of the point, or start of the interval (s).
    label : str
        Original label.
    tier : str
        Name of its tier.
    reason : str
        Why it is none of these.
    in_scheme : bool
        Whether the scheme defines it.
    """

    time: float
    label: str
    tier: str
    reason: str
    in_scheme: bool = False


@dataclass(frozen=True)
class Annotation:
    """Hand annotation of one utterance.

    Parameters
    ----------
    id : str
        Id of the utterance.
    scheme : str
        Labelling scheme: ``"ToBI"``, ``"ToDI"``, ``"IViE"`` or ``"generic"``.
    words, syllables : tuple of Entry
        Units without pauses, on the 10 ms grid and with gaps under 60 ms closed, the same as those
        of `hierarchy_from_textgrid`. `syllables` is empty without a tier of syllables.
    accents, boundaries, breaks : tuple of Accent, of Boundary, of Break
        In temporal order.
    unknown : tuple of Mark
        Marks that the scheme does not define, in temporal order.
    other : tuple of Mark
        Non-tonal marks of the scheme, in temporal order: ``HiF0``, the feet of IViE...
    """

    id: str
    scheme: str
    words: tuple[Entry, ...]
    syllables: tuple[Entry, ...] = ()
    accents: tuple[Accent, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    breaks: tuple[Break, ...] = ()
    unknown: tuple[Mark, ...] = ()
    other: tuple[Mark, ...] = ()

    def units(self, kind: UnitKind) -> tuple[Entry, ...]:
        """Words or syllables.

        Raises
        ------
        AnnotationError
            If `kind` is ``"syllable"`` and no syllables are annotated.
        """
        if kind == "syllable" and not self.syllables:
            raise AnnotationError(
                f"{self.id} has no syllables: name their tier in the manifest, "
                '"tiers": {"syllables": NAME}, or use words'
            )
        return self.words if kind == "word" else self.syllables
