"""Units of speech: a `Segmentation` tiles an utterance, a `Hierarchy` nests words in phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import FRAME_RATE

#: Frames of the prosody grid (10 ms) in one frame token: 80 ms, 12.5 Hz.
FRAMES_PER_TOKEN = 8

#: Segmentation methods without annotation: a rule over the prosody, the boundary network, or equal
#: lengths.
FoundSource = Literal["acoustic", "learned", "even"]
#: Origin of the units, stored with the tokens.
UnitSource = Literal[FoundSource, "textgrid", "transcript"]
#: Requested units: those of the corpus, or the method that finds them.
UnitRequest = Literal["given", FoundSource]
#: The method where none is chosen; see `tokenizer.frontend` for checkpoints that have another.
DEFAULT_UNITS: FoundSource = "learned"
#: Length of an even unit (frames of 10 ms): two or three syllables.
EVEN_UNIT = 50


@dataclass(frozen=True)
class Segmentation:
    """Consecutive units that tile an utterance; a pause is a unit too, with label ``""``.

    Parameters
    ----------
    boundaries : (N + 1,) int64
        Frame edges, strictly increasing from 0 to T.
    labels : tuple of str, length N
        The words; ``""`` for pauses and unknown words.

    Raises
    ------
    SegmentationError
        If the boundaries do not start at 0, do not increase, or do not match the labels.
    """

    boundaries: NDArray[np.int64]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        boundaries = np.asarray(self.boundaries, dtype=np.int64)
        if boundaries.ndim != 1 or boundaries.size < 2 or boundaries[0] != 0:
            raise SegmentationError("boundaries must start at frame 0 and have at least one unit")
        if (np.diff(boundaries) <= 0).any():
            raise SegmentationError("boundaries must be strictly increasing")
        if len(self.labels) != boundaries.size - 1:
            raise SegmentationError(f"{len(self.labels)} labels for {boundaries.size - 1} units")
        object.__setattr__(self, "boundaries", boundaries)
        object.__setattr__(self, "labels", tuple(self.labels))

    @classmethod
    def unlabelled(cls, boundaries: ArrayLike) -> Segmentation:
        """Units with empty labels."""
        edges = np.asarray(boundaries, dtype=np.int64)
        return cls(edges, ("",) * (edges.size - 1))

    @classmethod
    def grid(cls, num_frames: int, step: int = FRAMES_PER_TOKEN) -> Segmentation:
        """The fixed grid of frame tokens; the last unit may be shorter."""
        return cls.unlabelled([*range(0, num_frames, step), num_frames])

    @classmethod
    def even(cls, num_frames: int) -> Segmentation:
        """Units of half a second; their lengths differ by one frame at most.

        An utterance shorter than three quarters of a second is one unit.
        """
        count = max(1, round(num_frames / EVEN_UNIT))
        return cls.unlabelled(np.round(np.linspace(0, num_frames, count + 1)).astype(np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_frames(self) -> int:
        """Frames T of the utterance."""
        return int(self.boundaries[-1])

    @property
    def durations(self) -> NDArray[np.int64]:
        """Frames of each unit, shape (N,); they sum to T."""
        return np.diff(self.boundaries)

    @property
    def unit_of_frame(self) -> NDArray[np.int64]:
        """Index of the unit that contains each frame, shape (T,)."""
        return np.repeat(np.arange(len(self)), self.durations)

    def unit_at(self, frames: ArrayLike) -> NDArray[np.int64]:
        """Index of the unit that contains each (possibly fractional) frame position."""
        positions = np.searchsorted(self.boundaries, np.asarray(frames), side="right") - 1
        return np.clip(positions, 0, len(self) - 1).astype(np.int64)


@dataclass(frozen=True)
class Hierarchy:
    """Words nested in phrases: every phrase edge is a word edge.

    Parameters
    ----------
    phrases, words : Segmentation
        Both cover the same frames. The pause after a phrase belongs to that phrase.
    source : {"acoustic", "learned", "even", "textgrid", "transcript"}
        Origin of the edges.
    pauses : (N,) bool, optional
        Which of the N words are pauses, if known.
    warnings : tuple of str
        What is doubtful about the units, such as a transcript that hardly fits the sound.

    Raises
    ------
    SegmentationError
        If the two do not cover the same frames or a phrase edge falls inside a word.
    """

    phrases: Segmentation
    words: Segmentation
    source: UnitSource
    pauses: NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not np.isin(self.phrases.boundaries, self.words.boundaries).all():
            raise SegmentationError("every phrase edge must be a word edge")
        if self.phrases.num_frames != self.words.num_frames:
            raise SegmentationError("phrases and words must cover the same frames")
        if self.pauses is not None and self.pauses.shape != (len(self.words),):
            raise SegmentationError(f"{self.pauses.size} pause flags for {len(self.words)} words")

    @property
    def spoken(self) -> NDArray[np.bool_]:
        """Which of the N words are no pauses; all, if that is not known or none is spoken."""
        spoken = ~self.silent
        return spoken if spoken.any() else np.ones(len(self.words), dtype=bool)

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Which of the N words are pauses: as known, else those without a label if any has one."""
        if self.pauses is not None:
            return self.pauses
        unlabelled = np.array([label == "" for label in self.words.labels])
        return unlabelled if not unlabelled.all() else np.zeros(len(self.words), dtype=bool)

    def unlabelled(self, pauses: bool) -> Hierarchy:
        """The same units without labels; with or without which of them are pauses."""
        return Hierarchy(
            Segmentation.unlabelled(self.phrases.boundaries),
            Segmentation.unlabelled(self.words.boundaries),
            self.source,
            self.silent if pauses else None,
        )

    @property
    def speech_of_phrases(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First frame of the speech of each phrase, and the frame after its last: (P,) each.

        The speech is that from its first word to its last, without pauses around it; all of a
        phrase that has no word.
        """
        starts, ends = self.words.boundaries[:-1], self.words.boundaries[1:]
        phrase = self.phrases.unit_at(starts)
        begin, end = self.phrases.boundaries[:-1].copy(), self.phrases.boundaries[1:].copy()
        spoken = np.flatnonzero(~self.silent)
        # The first and the last word of each phrase that has one.
        phrases, first = np.unique(phrase[spoken], return_index=True)
        last = np.append(first, spoken.size)[1:] - 1
        begin[phrases], end[phrases] = starts[spoken[first]], ends[spoken[last]]
        return begin, end

    @property
    def word_rate(self) -> float:
        """Words per second of speech, without pauses."""
        spoken = self.spoken
        return float(spoken.sum() * FRAME_RATE / self.words.durations[spoken].sum())

    @classmethod
    def from_words(
        cls,
        words: Segmentation,
        first_words: Sequence[int],
        source: UnitSource,
        pauses: NDArray[np.bool_] | None = None,
    ) -> Hierarchy:
        """Group words into phrases, given the index of each phrase's first word (0 is implied)."""
        starts = sorted({0, *map(int, first_words)})
        edges = [*words.boundaries[starts], words.num_frames]
        return cls(Segmentation.unlabelled(edges), words, source, pauses)
