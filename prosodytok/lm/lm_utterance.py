"""`LMUtterance`: an utterance as the language model generates it, and its conversion to tokens.

Three stages generate it, coarse to fine: for each word, whether a pause or a phrase begins before
it, and the code of the phrase; for each unit (word or pause), its duration and codes; for each
frame token (80 ms), its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from prosodytok.lm.config import LMConfig
from prosodytok.nn.timing import word_seconds
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import FRAMES_PER_TOKEN, Segmentation
from prosodytok.types.tokens import ProsodyTokens, TokenLevel
from prosodytok.types.units import FRAME_RATE

Ints = NDArray[np.int64]

#: Bits of a break before a word (or before the end of the text).
PAUSE, PHRASE = 1, 2
NUM_BREAKS = 4
#: Number of duration tokens, their step (octaves), and the shortest (octaves re the mean duration).
NUM_DURATIONS, DURATION_STEP, SHORTEST_DURATION = 32, 0.2, -3.6


@dataclass(frozen=True)
class LMUtterance:
    """Text of an utterance, and its prosody as far as it is generated.

    Parameters
    ----------
    words : tuple of str, length W
        Words as written, punctuation included.
    language : str
        Two-letter code, or ``""``.
    register : Register
        Register of the voice.
    breaks : (W + 1,) int64, optional
        Break before each word and at the end: `PAUSE` if there is a pause, plus `PHRASE` if a
        phrase begins. The first word begins a phrase in any case.
    phrase_codes : (1, P) int64, optional
    durations : (U,) int64, optional
        Duration tokens of the units: words and pauses, in order.
    word_codes : (K, U) int64, optional
        Codes of the units.
    num_frames : (U,) int64, optional
        Frames of each unit; by default those of its duration token.
    contour : (F, 24) float32, optional
        Contour decoded from phrases and units; see `coarse_contours`.
    frame_codes : (1, F) int64, optional
    """

    words: tuple[str, ...]
    language: str
    register: Register
    breaks: Ints | None = None
    phrase_codes: Ints | None = None
    durations: Ints | None = None
    word_codes: Ints | None = None
    num_frames: Ints | None = None
    contour: NDArray[np.float32] | None = None
    frame_codes: Ints | None = None

    @cached_property
    def layout(self) -> Ints:
        """Word (from 1; 0 is a pause) and phrase (from 0) of each unit: (2, U)."""
        assert self.breaks is not None
        rows, phrase = [], 0
        for position, kind in enumerate(self.breaks.tolist()):
            if kind & PAUSE:
                rows.append((0, phrase))
            if position < len(self.words):
                phrase += bool(position and kind & PHRASE)
                rows.append((position + 1, phrase))
        return np.array(rows, dtype=np.int64).T

    @property
    def phrase_starts(self) -> NDArray[np.bool_]:
        """Whether each word, and the end (never), begins a phrase: (W + 1,)."""
        assert self.breaks is not None
        starts: NDArray[np.bool_] = (self.breaks & PHRASE).astype(bool)
        starts[[0, -1]] = True, False
        return starts

    @cached_property
    def boundaries(self) -> Ints:
        """Boundaries of the units in frames, from 0 to T: (U + 1,)."""
        assert self.durations is not None
        frames = self.num_frames
        if frames is None:
            frames = durations_to_frames(self.durations, self.register)
        return np.append(0, np.cumsum(frames))

    @property
    def labels(self) -> tuple[str, ...]:
        """Word of each unit, ``""`` for a pause."""
        return tuple(("", *self.words)[word] for word in self.layout[0])

    def segmentations(self) -> dict[str, Segmentation]:
        """Units of each level."""
        firsts = np.flatnonzero(np.diff(self.layout[1], prepend=-1))
        boundaries = self.boundaries
        return {
            "phrase": Segmentation.unlabelled([*boundaries[firsts], boundaries[-1]]),
            "word": Segmentation(boundaries, self.labels),
            "frame": Segmentation.grid(int(boundaries[-1])),
        }

    @cached_property
    def unit_of_frame_token(self) -> Ints:
        """Unit at the centre of each frame token: (F,)."""
        end = self.boundaries[-1]
        starts = np.arange(0, end, FRAMES_PER_TOKEN)
        centres = np.minimum(starts + FRAMES_PER_TOKEN / 2, end - 0.5)
        unit: Ints = np.searchsorted(self.boundaries, centres, side="right") - 1
        return unit


def tokens_to_utterance(tokens: ProsodyTokens, language: str = "") -> LMUtterance:
    """Convert tokens of all three levels with labelled words.

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
        raise TokenError(
            "the language model needs labelled words, and single pauses between them: tokenize "
            "with a transcript or a TextGrid"
        )
    if np.count_nonzero(starts) != len(tokens["phrase"]):
        raise TokenError("a phrase begins with a pause: pauses belong to the phrase before them")
    after_pause = np.append(np.append(False, silent)[spoken], silent[-1])
    starts[0] = False  # the first phrase is implied
    return LMUtterance(
        words=tuple(units.labels[unit] for unit in spoken),
        language=language[:2],
        register=tokens.register,
        breaks=PAUSE * after_pause + PHRASE * np.append(starts, False),
        phrase_codes=tokens["phrase"].codes,
        durations=frames_to_durations(units.durations, tokens.register),
        word_codes=tokens["word"].codes,
        num_frames=units.durations,
        frame_codes=tokens["frame"].codes,
    )


def utterance_to_tokens(utterance: LMUtterance, config: LMConfig) -> ProsodyTokens:
    """Convert the generated levels of an utterance; the inverse of `tokens_to_utterance`."""
    segmentations = utterance.segmentations()
    codes_of = {
        "phrase": utterance.phrase_codes,
        "word": utterance.word_codes,
        "frame": utterance.frame_codes,
    }
    levels = tuple(
        TokenLevel(name, codes, config.codebook_sizes[name], segmentations[name])
        for name, codes in codes_of.items()
        if codes is not None
    )
    return ProsodyTokens(
        levels,
        utterance.register,
        int(utterance.boundaries[-1]),
        checkpoint=config.tokenizer,
        source="transcript",
    )


def frames_to_durations(frames: Ints, register: Register) -> Ints:
    """Duration tokens (N,): steps of a fifth of an octave re the register's mean."""
    octaves = np.log2(frames / FRAME_RATE * register.word_rate_hz)
    tokens = np.rint((octaves - SHORTEST_DURATION) / DURATION_STEP).astype(np.int64)
    return np.clip(tokens, 0, NUM_DURATIONS - 1)


def durations_to_frames(durations: Ints, register: Register) -> Ints:
    """Numbers of frames (N,) of duration tokens, at least one each."""
    octaves = (SHORTEST_DURATION + DURATION_STEP * durations).astype(np.float32)
    frames = np.rint(word_seconds(octaves, register) * FRAME_RATE)
    return np.maximum(1, frames).astype(np.int64)
