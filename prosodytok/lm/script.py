"""An utterance as the language model says it, and how it becomes tokens.

Three stages say it, coarse to fine: for each word whether a pause or a phrase begins before it, and
the phrase's code; for each unit (word or pause) its duration and codes; for each cell of 80 ms its
code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from prosodytok.lm.config import LMConfig
from prosodytok.lm.durations import durations_to_frames, frames_to_durations
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Segmentation
from prosodytok.types.tokens import ProsodyTokens, TokenLevel

Ints = NDArray[np.int64]

#: Bits of a break: what comes before a word (or before the end of the text).
PAUSE, PHRASE = 1, 2
NUM_BREAKS = 4


@dataclass(frozen=True)
class Script:
    """One utterance: its text, and as much of its prosody as is said so far.

    Parameters
    ----------
    words : tuple of str, length W
        The words as they are written, punctuation included.
    language : str
        Two-letter code, or ``""``.
    register : Register
        The voice.
    breaks : (W + 1,) int64, optional
        What comes before each word, and at the end: the sum of `PAUSE`, where there is one, and
        `PHRASE`, where one begins. The first word begins one in any case.
    phrases : (1, P) int64, optional
        Codes of the phrases.
    durations : (U,) int64, optional
        Duration tokens of the units: words and pauses, in order.
    units : (K, U) int64, optional
        Codes of the units.
    frames : (U,) int64, optional
        Frames of each unit; those that its duration token says when not given.
    contour : (F, 24) float32, optional
        What phrases and units decode to in each cell; see `contours`.
    cells : (1, F) int64, optional
        Codes of the cells.
    """

    words: tuple[str, ...]
    language: str
    register: Register
    breaks: Ints | None = None
    phrases: Ints | None = None
    durations: Ints | None = None
    units: Ints | None = None
    frames: Ints | None = None
    contour: NDArray[np.float32] | None = None
    cells: Ints | None = None

    @cached_property
    def layout(self) -> Ints:
        """Word (from 1; 0 is a pause) and phrase (from 0) of each unit: (2, U)."""
        assert self.breaks is not None
        rows, phrase = [], 0
        for place, kind in enumerate(self.breaks.tolist()):
            if kind & PAUSE:
                rows.append((0, phrase))
            if place < len(self.words):
                phrase += bool(place and kind & PHRASE)
                rows.append((place + 1, phrase))
        return np.array(rows, dtype=np.int64).T

    @property
    def starts(self) -> NDArray[np.bool_]:
        """Which words, and the end (never), begin a phrase: (W + 1,)."""
        assert self.breaks is not None
        starts: NDArray[np.bool_] = (self.breaks & PHRASE).astype(bool)
        starts[[0, -1]] = True, False
        return starts

    @cached_property
    def edges(self) -> Ints:
        """Frame edges of the units, from 0 to T: (U + 1,)."""
        assert self.durations is not None
        frames = self.frames
        if frames is None:
            frames = durations_to_frames(self.durations, self.register)
        return np.append(0, np.cumsum(frames))

    @property
    def labels(self) -> tuple[str, ...]:
        """The word of each unit, ``""`` for a pause."""
        return tuple(("", *self.words)[word] for word in self.layout[0])

    def segmentations(self) -> dict[str, Segmentation]:
        """The units of each level."""
        firsts = np.flatnonzero(np.diff(self.layout[1], prepend=-1))
        edges = self.edges
        return {
            "phrase": Segmentation.unlabelled([*edges[firsts], edges[-1]]),
            "word": Segmentation(edges, self.labels),
            "frame": Segmentation.grid(int(edges[-1])),
        }

    @cached_property
    def unit_of_cell(self) -> Ints:
        """The unit that holds the centre of each cell: (F,)."""
        starts = np.arange(0, self.edges[-1], FRAMES_PER_TOKEN)
        centres = np.minimum(starts + FRAMES_PER_TOKEN / 2, self.edges[-1] - 0.5)
        unit: Ints = np.searchsorted(self.edges, centres, side="right") - 1
        return unit


def script_of(tokens: ProsodyTokens, language: str = "") -> Script:
    """Read tokens of all three levels, whose words are labelled, as a script.

    Raises
    ------
    TokenError
        If a level is missing, no word is labelled, two pauses follow each other, or a phrase begins
        with a pause within the utterance.
    """
    units = tokens["word"].segmentation
    silent = np.array([not label for label in units.labels])
    spoken = np.flatnonzero(~silent)
    starts = np.isin(units.boundaries[spoken], tokens["phrase"].segmentation.boundaries)
    starts[:1] = True
    if not spoken.size or (silent[1:] & silent[:-1]).any():
        raise TokenError("a language model reads labelled words, and single pauses between them")
    if np.count_nonzero(starts) != len(tokens["phrase"]):
        raise TokenError("a phrase begins with a pause: pauses belong to the phrase before them")
    after_pause = np.append(np.append(False, silent)[spoken], silent[-1])
    starts[0] = False  # the first phrase needs no mark
    return Script(
        words=tuple(units.labels[unit] for unit in spoken),
        language=language[:2],
        register=tokens.register,
        breaks=PAUSE * after_pause + PHRASE * np.append(starts, False),
        phrases=tokens["phrase"].codes,
        durations=frames_to_durations(units.durations, tokens.register),
        units=tokens["word"].codes,
        frames=units.durations,
        cells=tokens["frame"].codes,
    )


def tokens_of(script: Script, config: LMConfig) -> ProsodyTokens:
    """Turn a script, of as many levels as are said, into tokens: what `script_of` reads."""
    segmentations = script.segmentations()
    codes = {"phrase": script.phrases, "word": script.units, "frame": script.cells}
    levels = tuple(
        TokenLevel(name, said, config.codebook_sizes[name], segmentations[name])
        for name, said in codes.items()
        if said is not None
    )
    return ProsodyTokens(
        levels,
        script.register,
        int(script.edges[-1]),
        checkpoint=config.tokenizer,
        source="transcript",
    )
