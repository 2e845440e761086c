"""Annotated utterances beside their tokens: which label falls on which unit of which level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation import Accent, Annotation, UnitLabels, assign, read_annotation
from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation.reference import Reference, reference
from prosodytok.io.manifest import Utterance
from prosodytok.nn.batch import Example
from prosodytok.segmentation import pauses_in, phrases_by_pauses
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import Audio, Hierarchy, ProsodyTokens, Segmentation, UnitRequest
from prosodytok.types.prosody import Prosody

#: What labels tell of a unit.
TaskName = Literal["accent", "accent type", "boundary", "boundary tone", "break index"]
#: Types of which there are fewer are one class; that is left out where it is as small itself.
FEWEST = 10
OTHER = "other"


@dataclass(frozen=True)
class Labelled:
    """One annotated utterance.

    Parameters
    ----------
    utterance : Utterance
        Where it comes from.
    example : Example
        Its prosody, units and register.
    tokens : ProsodyTokens
        Its tokens.
    truth : Reference
        What the sound truly did.
    annotation : Annotation
        What is annotated.
    labels : UnitLabels
        Of its syllables, where these are marked, else of its words.
    """

    utterance: Utterance
    example: Example
    tokens: ProsodyTokens
    truth: Reference
    annotation: Annotation
    labels: UnitLabels

    @property
    def middles(self) -> NDArray[np.int64]:
        """Frames in the middle of the labelled units, shape (N,)."""
        times = [(unit.start + unit.end) / 2 for unit in self.labels.units]
        last = self.tokens.num_frames - 1
        return np.minimum((np.array(times) * self.tokens.frame_rate).astype(np.int64), last)


@dataclass(frozen=True)
class Task:
    """Something to be told of units.

    Parameters
    ----------
    name : str
        What is told.
    utterance, unit : (M,) int64
        Which utterance and which of its labelled units each of M cases is.
    label : (M,) str
        The answers.
    """

    name: TaskName
    utterance: NDArray[np.int64]
    unit: NDArray[np.int64]
    label: NDArray[np.str_]

    @property
    def classes(self) -> dict[str, int]:
        """How often there is each answer, the most frequent first."""
        return dict(Counter(self.label.tolist()).most_common())


def read_labelled(
    tokenizer: ProsodyTokenizer, utterance: Utterance, units: UnitRequest = "given"
) -> Labelled:
    """Tokenize an utterance and read its annotation.

    Raises
    ------
    AudioError, SegmentationError, AnnotationError
        If the sound, its units or its annotation cannot be used.
    """
    annotation = read_annotation(utterance)
    labels, _ = assign(annotation, "syllable" if annotation.syllables else "word")
    recording = Recording.of(utterance, units)
    if units == "given":
        recording = replace(recording, units=ClosedGaps(**vars(recording.units)))
    found = tokenize_recording(tokenizer, recording)
    return Labelled(
        utterance, found.example, found.tokens, reference(found.audio), annotation, labels
    )


class ClosedGaps(UnitSpec):
    """Given words without silent-looking gaps, and phrases by measured pauses; see `close_gaps`."""

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """The units of the annotation with their gaps closed."""
        hierarchy = super().segment(audio, prosody)
        return phrases_by_pauses(close_gaps(hierarchy.words, prosody), hierarchy.source)


def close_gaps(words: Segmentation, prosody: Prosody) -> Segmentation:
    """Words without the gaps between them in which no silence is measured.

    Annotators leave gaps where they hear a phrase end, so that a gap gives the boundary away (in
    ToDI 91 % of boundaries have one); phrases that they mark are not given to tokens either. What
    is no silence goes to the word before it, and at the beginning to the first word.
    """
    gap = np.array([label == "" for label in words.labels]) & ~pauses_in(words, prosody)
    kept = np.flatnonzero(~gap)
    if not kept.size:
        return words
    edges = np.concatenate([[0], words.boundaries[kept[1:]], [words.num_frames]])
    return Segmentation(edges, tuple(words.labels[i] for i in kept))


def without_doubles(utterances: Iterable[Labelled]) -> list[Labelled]:
    """Utterances, each recording once: a double in both halves would be told by heart."""
    seen: dict[bytes, Labelled] = {}
    for utterance in utterances:
        seen.setdefault(utterance.truth.audio.samples.tobytes(), utterance)
    return list(seen.values())


def tasks_of(utterances: Sequence[Labelled]) -> list[Task]:
    """What can be told of these utterances: tasks with at least two answers.

    Accents: of all annotated units. Their types, downstep marked but in IViE, where types are
    counted without: of accented units. Boundaries: of
    all annotated units but the last of each utterance, after which there is one anyway. Their
    tones: of units with one. Break indices: where they are known. What annotators doubt is left
    out, and so are types that even together are rare.
    """
    found = []
    for name in ("accent", "accent type", "boundary", "boundary tone", "break index"):
        columns = [_cases(name, u) for u in utterances]
        label = _merge_rare(np.concatenate([labels for _, labels in columns]))
        owner = np.repeat(np.arange(len(columns)), [len(units) for units, _ in columns])
        unit = np.concatenate([units for units, _ in columns])
        kept = (label != OTHER) | (np.count_nonzero(label == OTHER) >= FEWEST)
        if len(set(label[kept])) > 1:
            found.append(Task(name, owner[kept], unit[kept], label[kept]))
    return found


def accent_name(accent: Accent) -> str:
    """The type of an accent, with its downstep."""
    return "!" * accent.downstepped + accent.type


def _cases(name: TaskName, utterance: Labelled) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Units that a task asks of, and the answers."""
    labels = utterance.labels
    if name == "accent":
        chosen = labels.annotated & labels.accent_certain
        answers = np.where(labels.accented, "accented", "unaccented")
    elif name == "accent type":
        chosen = labels.accented & labels.accent_certain
        named = [accent_name(held[-1]) if held else "" for held in labels.accents]
        plain = utterance.annotation.scheme == "IViE"
        answers = np.array(labels.accent_type if plain else named)
    elif name == "boundary":
        chosen = labels.annotated & labels.boundary_certain
        chosen[-1:] = False
        answers = np.where(labels.boundary, "boundary", "none")
    elif name == "boundary tone":
        answers = np.array(labels.boundary_tone)
        chosen = labels.boundary & labels.boundary_certain & (answers != "")
    else:
        chosen = labels.break_index >= 0
        answers = labels.break_index.astype(str)
    return np.flatnonzero(chosen), answers[chosen].astype(np.str_)


def _merge_rare(labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Make one class of all types with fewer than `FEWEST` cases."""
    counts = Counter(labels.tolist())
    return np.array([x if counts[x] >= FEWEST else OTHER for x in labels.tolist()], dtype=np.str_)
