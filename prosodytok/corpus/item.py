"""One utterance of a corpus, wherever its files lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import Utterance
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import FoundSource


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name there, its first byte and its size, in bytes."""

    name: str
    offset: int
    size: int


@dataclass(frozen=True)
class Packed:
    """The files of one utterance in a tar archive.

    Parameters
    ----------
    archive : Path
        The archive.
    sound : Member
        The sound in it.
    textgrid : Member, optional
        The TextGrid in it.
    """

    archive: Path
    sound: Member
    textgrid: Member | None = None


@dataclass(frozen=True)
class Item:
    """One utterance of a corpus.

    Parameters
    ----------
    source : Recording
        Its sound and where its words come from; of an archive, as if that were a folder.
    speaker, language, text : str, optional
        What is known of it.
    archive : Path, optional
        The archive that it is from.
    packed : Packed, optional
        Where its files lie there.
    problem : str
        Why it cannot be used, if that is known already.
    """

    source: Recording
    speaker: str | None = None
    language: str | None = None
    text: str | None = None
    archive: Path | None = None
    packed: Packed | None = None
    problem: str = ""

    @classmethod
    def of(cls, utterance: Utterance) -> Item:
        """What a line of a manifest tells.

        The aligner knows English alone: a text that is said to be in another language is kept, and
        words are found in the sound.
        """
        source = Recording.of(utterance)
        if utterance.language and not utterance.language.lower().startswith("en"):
            source = replace(source, units=replace(source.units, text=None))
        return cls(source, utterance.speaker, utterance.language, utterance.text)

    @classmethod
    def unusable(cls, path: Path, problem: str, archive: Path | None = None) -> Item:
        """What cannot be used, by name and reason."""
        return cls(Recording(path.stem, path), archive=archive, problem=problem)

    def found_by(self, units: FoundSource) -> Item:
        """The same utterance with words found in the sound, whatever else is known of them."""
        return replace(self, source=replace(self.source, units=UnitSpec(units)))
