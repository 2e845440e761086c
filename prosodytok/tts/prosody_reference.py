"""Reference prosody: decoded tokens in the register of another voice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.tokenizer import Tokenizer
from prosodytok.types import Segmentation
from prosodytok.types.errors import TokenError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens
from prosodytok.types.units import hz_to_semitones

#: Without labels, a unit with a smaller voiced share is a pause.
VOICED_SHARE = 0.2
#: F0 further from the median (semitones) is treated as an octave error, hence as unvoiced.
MAX_F0_DEVIATION = 10.0


@dataclass(frozen=True)
class Reference:
    """Prosody to transfer to a voice, decoded from tokens in the register of that voice.

    Parameters
    ----------
    prosody : Prosody
        Decoded contours, T frames.
    words, phrases : Segmentation
        Units of the reference.
    has_words : bool
        Whether `words` are words; for tokens without a word level they are phrases.
    """

    prosody: Prosody
    words: Segmentation
    phrases: Segmentation
    has_words: bool = True

    @classmethod
    def of(
        cls,
        tokenizer: Tokenizer,
        tokens: ProsodyTokens,
        register: Register,
        levels: Collection[str] | None = None,
    ) -> Reference:
        """Decode tokens for another voice.

        Median F0 and energy level are those of the voice. F0 spread and energy range stay those of
        the tokens: otherwise a monotonous utterance would become as lively as the voice's average.

        Parameters
        ----------
        tokenizer : Tokenizer
            Tokenizer of the tokens.
        tokens : ProsodyTokens
            Tokens of the reference.
        register : Register
            Register of the voice.
        levels : collection of str, optional
            Levels to decode; all by default. The boundaries of other levels are not used either.

        Raises
        ------
        TokenError
            If the tokens lack a level, belong to another checkpoint, or have no voiced frame.
        """
        chosen = tokens if levels is None else tokens.select(levels)
        voice = replace(
            tokens.register,
            f0_median_hz=register.f0_median_hz,
            energy_level_db=register.energy_level_db,
        )
        prosody = tokenizer.decode(chosen, register=voice)
        plausible = np.abs(hz_to_semitones(prosody.f0, voice.f0_median_hz)) < MAX_F0_DEVIATION
        prosody = replace(prosody, voiced=prosody.voiced & plausible)
        if not prosody.voiced.any():
            raise TokenError("the reference is silent, or only noise: nothing in it is voiced")
        whole = Segmentation.unlabelled([0, tokens.num_frames])
        phrases = chosen["phrase"].segmentation if "phrase" in chosen else whole
        words = chosen["word"].segmentation if "word" in chosen else phrases
        return cls(prosody, words, phrases, "word" in chosen)

    @property
    def spoken(self) -> NDArray[np.int64]:
        """Indices of the words among the units (which include pauses)."""
        labelled = np.array([label != "" for label in self.words.labels])
        if labelled.any():  # the others are pauses
            return np.flatnonzero(labelled)
        voiced = np.add.reduceat(self.prosody.voiced.astype(float), self.words.boundaries[:-1])
        shares = voiced / self.words.durations
        return np.flatnonzero(shares >= min(VOICED_SHARE, shares.max()))
