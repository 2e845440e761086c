"""One utterance of a corpus, in files or in a tar archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import Utterance, unicode_name
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.types import FoundSource
from prosodytok.types.f0_range import F0Range


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name, and its offset and size in bytes."""

    name: str
    offset: int
    size: int


@dataclass(frozen=True)
class Packed:
    """The files of one utterance in a tar archive."""

    archive: Path
    sound: Member
    textgrid: Member | None = None


@dataclass(frozen=True)
class Item:
    """One utterance of a corpus: sound and origin of the words, metadata, archive, files in it.

    Paths of an archive are written as if it were a folder. `problem` is the reason why the
    utterance is unusable, if found while listing.
    """

    source: Recording
    language: str | None = None
    text: str | None = None
    archive: Path | None = None
    packed: Packed | None = None
    problem: str = ""

    @classmethod
    def of(cls, utterance: Utterance) -> Item:
        """Build from a line of a manifest.

        The aligner supports English only: a text in another language is kept as metadata, and the
        words are found in the sound.
        """
        source = Recording.of(utterance)
        if utterance.language and not utterance.language.lower().startswith("en"):
            source = replace(source, units=replace(source.units, text=None))
        return cls(source, utterance.language, utterance.text)

    @classmethod
    def unusable(cls, path: Path, problem: str, archive: Path | None = None) -> Item:
        """Build an item that cannot be used, with the reason."""
        return cls(Recording(unicode_name(path.stem), path), archive=archive, problem=problem)

    def with_f0_range(self, default: F0Range) -> Item:
        """Copy of the item with a default of its F0 range; see `Recording.with_f0_range`."""
        return replace(self, source=self.source.with_f0_range(default))

    def with_silence_labels(self, labels: Sequence[str]) -> Item:
        """Copy of the item with further labels of silence in its TextGrid."""
        units = replace(self.source.units, silence_labels=tuple(labels))
        return replace(self, source=replace(self.source, units=units))

    def with_units(self, units: FoundSource) -> Item:
        """Copy of the item with words found in the sound, not from a TextGrid or transcript."""
        return replace(self, source=replace(self.source, units=UnitSpec(units)))
