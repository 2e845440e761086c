"""Annotated utterances with their tokens and the labels of their units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation import Annotation, UnitLabels, assign, read_annotation
from prosodytok.corpus import Recording, tokenize_recording
from prosodytok.evaluation.reconstruction import Reference, measure_reference
from prosodytok.io.manifest import Utterance
from prosodytok.nn.batch import Example
from prosodytok.segmentation import pauses_in, phrases_by_pauses
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import Audio, Hierarchy, ProsodyTokens, Segmentation, UnitRequest
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody


@dataclass(frozen=True)
class Labelled:
    """Line of a manifest with its tokens, reference prosody and hand annotation.

    `example` has its prosody, units and register; `labels` are those of its syllables if these are
    marked, else of its words.
    """

    utterance: Utterance
    example: Example
    tokens: ProsodyTokens
    reference: Reference
    annotation: Annotation
    labels: UnitLabels

    @property
    def middles(self) -> NDArray[np.int64]:
        """Middle frame of each labelled unit, shape (N,)."""
        times = [(unit.start + unit.end) / 2 for unit in self.labels.units]
        last = self.tokens.num_frames - 1
        return np.minimum((np.array(times) * self.tokens.frame_rate).astype(np.int64), last)


def read_labelled(
    tokenizer: ProsodyTokenizer,
    utterance: Utterance,
    units: UnitRequest = "given",
    f0_range: F0Range = FITTED,
) -> Labelled:
    """Tokenize an utterance and read its annotation, with the errors of both.

    F0 is searched in the range, also for the reference, where the manifest has none.
    """
    annotation = read_annotation(utterance)
    labels, _ = assign(annotation, "syllable" if annotation.syllables else "word")
    recording = Recording.of(utterance, units).with_f0_range(f0_range)
    if units == "given":
        recording = replace(recording, units=ClosedGaps(**vars(recording.units)))
    found = tokenize_recording(tokenizer, recording)
    reference = measure_reference(found.audio, recording.f0_range)
    return Labelled(utterance, found.example, found.tokens, reference, annotation, labels)


class ClosedGaps(UnitSpec):
    """Given words without voiced gaps, in phrases by measured pauses; see `close_voiced_gaps`."""

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """The given units with their gaps closed."""
        hierarchy = super().segment(audio, prosody)
        return phrases_by_pauses(close_voiced_gaps(hierarchy.words, prosody), hierarchy.source)


def close_voiced_gaps(words: Segmentation, prosody: Prosody) -> Segmentation:
    """Words without the gaps between them in which no silence is measured.

    Annotators leave gaps where they perceive the end of a phrase, so gaps reveal boundaries (in
    ToDI 91 % of boundaries have one); for the same reason tokens do not get annotated phrases. A
    gap without silence is joined to the word before it, at the beginning to the first word.
    """
    gap = np.array([label == "" for label in words.labels]) & ~pauses_in(words, prosody)
    kept = np.flatnonzero(~gap)
    if not kept.size:
        return words
    edges = np.concatenate([[0], words.boundaries[kept[1:]], [words.num_frames]])
    return Segmentation(edges, tuple(words.labels[i] for i in kept))


def unique_recordings(utterances: Iterable[Labelled]) -> list[Labelled]:
    """Utterances without repeated recordings, which could be in both training and test data."""
    seen: dict[bytes, Labelled] = {}
    for utterance in utterances:
        seen.setdefault(utterance.reference.audio.samples.tobytes(), utterance)
    return list(seen.values())
