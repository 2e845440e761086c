"""What each stage is told and what it says, item by item.

An item of the phrase stage is a word (or the end of the text), one of the word stage a unit, one of
the frame stage a cell of 80 ms. Its text is a word; its conditions are what coarser stages said and
where it stands; the frame stage is told besides what that decodes to. Its fields are the tokens
that the stage says of it, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.lm.config import LMConfig
from prosodytok.lm.contour import CONTOUR
from prosodytok.lm.durations import NUM_DURATIONS
from prosodytok.lm.script import NUM_BREAKS, Script
from prosodytok.lm.text import letters_of
from prosodytok.types.segmentation import FRAMES_PER_TOKEN

Ints = NDArray[np.int64]

#: Places are told up to here; further ones are alike.
FARTHEST = 16


@dataclass(frozen=True)
class Items:
    """The N items of one stage of one utterance.

    Parameters
    ----------
    words : (N,) int64
        The word of each, from 1; 0 is silence.
    letters : (N,) int64
        The letter of the word where the item stands.
    conditions : (N, C) int64
        What is known before.
    fields : (N, K) int64
        What is said; -1 where there is nothing to say, or nothing is said yet.
    contour : (N, D) float32
        What coarser stages decode to.
    """

    words: Ints
    letters: Ints
    conditions: Ints
    fields: Ints
    contour: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class Kind:
    """How many values each condition and each field of a stage has, and how wide its contour is."""

    conditions: tuple[int, ...]
    fields: dict[str, int]
    contour: int = 0


def kinds(config: LMConfig) -> dict[str, Kind]:
    """The three stages, coarse to fine."""
    languages = len(config.languages) + 1
    (phrase,), word, (frame,) = (config.codebook_sizes[n] for n in ("phrase", "word", "frame"))
    places = (FARTHEST, FARTHEST)
    units = {f"word {book}": size for book, size in enumerate(word)}
    return {
        "phrase": Kind((languages, *places), {"break": NUM_BREAKS, "phrase": phrase}),
        "word": Kind((languages, *places, phrase), {"duration": NUM_DURATIONS, **units}),
        "frame": Kind(
            (languages, *places, phrase, NUM_DURATIONS, *word), {"frame": frame}, CONTOUR
        ),
    }


def phrase_items(script: Script, config: LMConfig) -> Items:
    """Items of the phrase stage: W words and the end."""
    count = len(script.words)
    words = np.append(np.arange(1, count + 1), 0)
    place = np.arange(count + 1)
    fields = np.full((count + 1, 2), -1)
    if script.breaks is not None and script.phrases is not None:
        fields[:, 0] = script.breaks
        fields[script.starts, 1] = script.phrases[0]
    conditions = _conditions(script, config, place, place[::-1])
    return Items(words, np.zeros_like(words), conditions, fields, _no_contour(words))


def word_items(script: Script, config: LMConfig) -> Items:
    """Items of the word stage: U units, told of their phrases."""
    assert script.phrases is not None
    words, phrases = script.layout
    conditions = _conditions(script, config, *_places(phrases), script.phrases[0, phrases])
    fields = np.full((len(words), 1 + len(config.codebook_sizes["word"])), -1)
    if script.durations is not None and script.units is not None:
        fields = np.stack([script.durations, *script.units], axis=1)
    return Items(words, np.zeros_like(words), conditions, fields, _no_contour(words))


def frame_items(script: Script, config: LMConfig) -> Items:
    """Items of the frame stage: F cells, told of their units."""
    assert script.phrases is not None
    assert script.durations is not None
    assert script.units is not None
    assert script.contour is not None
    unit = script.unit_of_cell
    words, phrases = script.layout[:, unit]
    # The part of its unit before a cell tells which letter is being said, as far as letters do.
    begin, end = script.edges[unit], script.edges[unit + 1]
    way = (np.arange(len(unit)) * FRAMES_PER_TOKEN + FRAMES_PER_TOKEN / 2 - begin) / (end - begin)
    lengths = np.array([1, *map(_spoken_letters, script.words)])[words]
    letters = np.clip((way * lengths).astype(np.int64), 0, lengths - 1)
    conditions = _conditions(
        script, config, *_places(unit), script.phrases[0, phrases], script.durations[unit],
        *script.units[:, unit],
    )  # fmt: skip
    cells = np.full(len(unit), -1) if script.cells is None else script.cells[0]
    return Items(words, letters, conditions, cells[:, None], script.contour)


def _no_contour(words: Ints) -> NDArray[np.float32]:
    return np.zeros((len(words), 0), dtype=np.float32)


def _conditions(script: Script, config: LMConfig, start: Ints, end: Ints, *told: Ints) -> Ints:
    """Columns of what every item is told: language, places from start and end, and more."""
    languages = {code: number for number, code in enumerate(config.languages, start=1)}
    language = np.full(len(start), languages.get(script.language, 0))
    places = np.minimum([start, end], FARTHEST - 1)
    return np.stack([language, *places, *told], axis=1)


def _places(group: Ints) -> tuple[Ints, Ints]:
    """How many items of its group, a run of equal numbers, lie before and after each item."""
    first = np.searchsorted(group, group, side="left")
    last = np.searchsorted(group, group, side="right") - 1
    place = np.arange(len(group))
    return place - first, last - place


def _spoken_letters(word: str) -> int:
    return max(1, sum(letter.isalnum() for letter in letters_of(word)))
