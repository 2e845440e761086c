"""Input and output sequences of each stage of the language model.

A position of the phrase stage is a word (or the end of the text), of the word stage a unit, of the
frame stage a frame token (80 ms). Its inputs are the letters of a word and conditions: the tokens
of coarser stages and its place among them; for the frame stage also the contour decoded from these.
Its fields are the tokens that the stage predicts there, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.lm.coarse_contours import CONTOUR_DIM
from prosodytok.lm.config import LMConfig
from prosodytok.lm.lm_utterance import NUM_BREAKS, NUM_DURATIONS, LMUtterance
from prosodytok.lm.spelling import word_to_letters
from prosodytok.types.segmentation import FRAMES_PER_TOKEN

Ints = NDArray[np.int64]

#: Places are counted up to this number; further ones are treated alike.
MAX_PLACE = 16


@dataclass(frozen=True)
class StageSequence:
    """The N positions of one stage of one utterance.

    For each: its word, from 1 (0 is silence); the letter of the word; C categories that are given;
    K tokens to predict (-1 where there is none, or where none is generated yet); and the contour
    (D) decoded from coarser stages.
    """

    words: Ints
    letters: Ints
    conditions: Ints
    fields: Ints
    contour: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class StageSpec:
    """Number of values of each condition and each field of a stage, and width of its contour."""

    conditions: tuple[int, ...]
    fields: dict[str, int]
    contour: int = 0


def stage_specs(config: LMConfig) -> dict[str, StageSpec]:
    """Specs of the three stages, coarse to fine."""
    languages = len(config.languages) + 1
    (phrase,), word, (frame,) = (config.codebook_sizes[n] for n in ("phrase", "word", "frame"))
    places = (MAX_PLACE, MAX_PLACE)
    books = {f"word {book}": size for book, size in enumerate(word)}
    return {
        "phrase": StageSpec((languages, *places), {"break": NUM_BREAKS, "phrase": phrase}),
        "word": StageSpec((languages, *places, phrase), {"duration": NUM_DURATIONS, **books}),
        "frame": StageSpec(
            (languages, *places, phrase, NUM_DURATIONS, *word), {"frame": frame}, CONTOUR_DIM
        ),
    }


def stage_sequence(stage: str, utterance: LMUtterance, config: LMConfig) -> StageSequence:
    """Sequence of the stage "phrase", "word" or "frame", given the coarser stages."""
    return _SEQUENCES[stage](utterance, config)


def _phrase_sequence(utterance: LMUtterance, config: LMConfig) -> StageSequence:
    """Positions of the phrase stage: W words and the end."""
    count = len(utterance.words)
    words = np.append(np.arange(1, count + 1), 0)
    place = np.arange(count + 1)
    fields = np.full((count + 1, 2), -1)
    if utterance.breaks is not None and utterance.phrase_codes is not None:
        fields[:, 0] = utterance.breaks
        fields[utterance.phrase_starts, 1] = utterance.phrase_codes[0]
    conditions = _conditions(utterance, config, place, place[::-1])
    return StageSequence(words, np.zeros_like(words), conditions, fields, _no_contour(words))


def _word_sequence(utterance: LMUtterance, config: LMConfig) -> StageSequence:
    """Positions of the word stage: U units, given their phrases."""
    assert utterance.phrase_codes is not None
    words, phrases = utterance.layout
    phrase_codes = utterance.phrase_codes[0, phrases]
    conditions = _conditions(utterance, config, *_places(phrases), phrase_codes)
    fields = np.full((len(words), 1 + len(config.codebook_sizes["word"])), -1)
    if utterance.durations is not None and utterance.word_codes is not None:
        fields = np.stack([utterance.durations, *utterance.word_codes], axis=1)
    return StageSequence(words, np.zeros_like(words), conditions, fields, _no_contour(words))


def _frame_sequence(utterance: LMUtterance, config: LMConfig) -> StageSequence:
    """Positions of the frame stage: F frame tokens, given their units."""
    assert utterance.phrase_codes is not None
    assert utterance.durations is not None
    assert utterance.word_codes is not None
    assert utterance.contour is not None
    unit = utterance.unit_of_frame_token
    words, phrases = utterance.layout[:, unit]
    # The position within the unit approximates which letter is spoken.
    begin, end = utterance.boundaries[unit], utterance.boundaries[unit + 1]
    centres = np.arange(len(unit)) * FRAMES_PER_TOKEN + FRAMES_PER_TOKEN / 2
    lengths = np.array([1, *map(_count_spoken_letters, utterance.words)])[words]
    letters = np.clip(
        ((centres - begin) / (end - begin) * lengths).astype(np.int64), 0, lengths - 1
    )
    conditions = _conditions(
        utterance, config, *_places(unit), utterance.phrase_codes[0, phrases],
        utterance.durations[unit], *utterance.word_codes[:, unit],
    )  # fmt: skip
    codes = utterance.frame_codes
    fields = np.full(len(unit), -1) if codes is None else codes[0]
    return StageSequence(words, letters, conditions, fields[:, None], utterance.contour)


_SEQUENCES = {"phrase": _phrase_sequence, "word": _word_sequence, "frame": _frame_sequence}


def _no_contour(words: Ints) -> NDArray[np.float32]:
    return np.zeros((len(words), 0), dtype=np.float32)


def _conditions(
    utterance: LMUtterance, config: LMConfig, start: Ints, end: Ints, *coarser: Ints
) -> Ints:
    """Columns of conditions: language, places from start and end, tokens of coarser stages."""
    languages = {code: number for number, code in enumerate(config.languages, start=1)}
    language = np.full(len(start), languages.get(utterance.language, 0))
    places = np.minimum([start, end], MAX_PLACE - 1)
    return np.stack([language, *places, *coarser], axis=1)


def _places(group: Ints) -> tuple[Ints, Ints]:
    """Number of positions before and after each within its group, a run of equal numbers."""
    first = np.searchsorted(group, group, side="left")
    last = np.searchsorted(group, group, side="right") - 1
    place = np.arange(len(group))
    return place - first, last - place


def _count_spoken_letters(word: str) -> int:
    return max(1, sum(letter.isalnum() for letter in word_to_letters(word)))
