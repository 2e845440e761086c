"""What hand annotation says of an utterance, in words that all schemes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prosodytok.io.textgrid import Entry
from prosodytok.types.errors import ProsodytokError

Side = Literal["initial", "final"]
Level = Literal["intonational", "intermediate"]
Units = Literal["word", "syllable"]


class AnnotationError(ProsodytokError):
    """A hand annotation cannot be read, or lacks what is asked of it."""


@dataclass(frozen=True)
class Accent:
    """A pitch accent.

    Parameters
    ----------
    start, end : float
        Where it is marked (s); a point starts and ends at its time.
    label : str
        As the annotator wrote it.
    type : str
        The tones without downstep, upstep and register (``"H*"``, ``"L+H*"``, ``"L*H"``);
        ``"*"`` where the annotator left the type open or doubts it.
    certain : bool
        False where the annotator doubts that there is an accent at all (``*?``).
    downstepped : bool
        Whether one of its tones is marked ``!``.
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
        Where it is marked (s).
    label : str
        As the annotator wrote it.
    side : {"initial", "final"}
        Whether a phrase begins or ends here.
    level : {"intonational", "intermediate"}
        Which kind of phrase does.
    tone : str
        ``"L%"``, ``"H-L%"``, ``"L-"``, ``"%H"``...; ``"%"`` or ``"-"`` alone is an edge without a
        tone, or with one that the annotator left open or doubts.
    certain : bool
        False where the annotator doubts that there is an edge at all (``%?``, ``-?``).
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
    """How strongly a word is set apart from the next: a break index.

    Parameters
    ----------
    time : float
        Where it is marked (s).
    label : str
        As the annotator wrote it.
    index : int
        0 to 4; -1 where the annotator could not tell (``X``).
    certain : bool
        False where the annotator wavers between this index and the one below (``3-``).
    disfluent : bool
        Whether speech halts here by no plan of the speaker's (``1p``, ``2p``, ``3p``).
    """

    time: float
    label: str
    index: int
    certain: bool = True
    disfluent: bool = False


@dataclass(frozen=True)
class Mark:
    """A mark that is neither an accent, nor a boundary, nor a break index.

    Parameters
    ----------
    time : float
        Where it stands (s); an interval's start.
    label : str
        As the annotator wrote it.
    tier : str
        Name of its tier.
    reason : str
        Why it is none of these.
    known : bool
        Whether the scheme knows it.
    """

    time: float
    label: str
    tier: str
    reason: str
    known: bool = False


@dataclass(frozen=True)
class Annotation:
    """The hand annotation of one utterance.

    Parameters
    ----------
    id : str
        The utterance's id.
    scheme : str
        How its labels were read: ``"ToBI"``, ``"ToDI"``, ``"IViE"`` or ``"generic"``.
    words, syllables : tuple of Entry
        Without silences, on the grid of 10 ms and with gaps under 60 ms closed, exactly as
        `hierarchy_from_textgrid` gives them; no syllables where none are annotated.
    accents, boundaries, breaks : tuple of Accent, of Boundary, of Break
        In order of time.
    unknown : tuple of Mark
        Marks that the scheme does not know, in order of time.
    other : tuple of Mark
        Marks that the scheme knows and that are no tones: ``HiF0``, the feet of IViE...
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

    def units(self, kind: Units) -> tuple[Entry, ...]:
        """Words or syllables.

        Raises
        ------
        AnnotationError
            If syllables are asked for and none are annotated.
        """
        if kind == "syllable" and not self.syllables:
            raise AnnotationError(
                f"{self.id} has no syllables: name their tier in the manifest, "
                '"tiers": {"syllables": NAME}, or ask for words'
            )
        return self.words if kind == "word" else self.syllables
