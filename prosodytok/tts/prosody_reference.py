"""How to speak, as tokens say it, in the register of another voice."""

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

#: A unit without a label is a pause if less of it than this is voiced.
VOICED_SHARE = 0.2
#: F0 further from its median (semitones) is taken for a tracker's octave error, and passed over.
FURTHEST_F0 = 10.0


@dataclass(frozen=True)
class Reference:
    """What tokens say about how to speak, in the register of the voice that shall speak.

    Parameters
    ----------
    prosody : Prosody
        The decoded contours, T frames.
    words, phrases : Segmentation
        Its units.
    counted : bool
        Whether the units are words: of tokens without a word level they are phrases.
    """

    prosody: Prosody
    words: Segmentation
    phrases: Segmentation
    counted: bool = True

    @classmethod
    def of(
        cls,
        tokenizer: Tokenizer,
        tokens: ProsodyTokens,
        register: Register,
        levels: Collection[str] | None = None,
    ) -> Reference:
        """Decode tokens for another voice.

        The voice's median F0 and level of energy take the place of the tokens' own. Their spread
        and range stay: they are measured in the one utterance, and a monotonous one would become
        as lively as the voice's average.

        Parameters
        ----------
        tokenizer : Tokenizer
            The checkpoint of the tokens.
        tokens : ProsodyTokens
            How to speak.
        register : Register
            That of the voice that shall speak.
        levels : collection of str, optional
            The levels to listen to; all when not given. Edges of a level that is left out are not
            used either.

        Raises
        ------
        TokenError
            If the tokens lack a level, are another checkpoint's, or have no voice in them.
        """
        chosen = tokens if levels is None else tokens.select(levels)
        voice = replace(
            tokens.register,
            f0_median_hz=register.f0_median_hz,
            energy_level_db=register.energy_level_db,
        )
        prosody = tokenizer.decode(chosen, register=voice)
        near = np.abs(hz_to_semitones(prosody.f0, voice.f0_median_hz)) < FURTHEST_F0
        prosody = replace(prosody, voiced=prosody.voiced & near)
        if not prosody.voiced.any():
            raise TokenError("the reference is silent, or only noise: nothing in it is voiced")
        whole = Segmentation.unlabelled([0, tokens.num_frames])
        phrases = chosen["phrase"].segmentation if "phrase" in chosen else whole
        words = chosen["word"].segmentation if "word" in chosen else phrases
        return cls(prosody, words, phrases, "word" in chosen)

    @property
    def spoken(self) -> NDArray[np.int64]:
        """Indices of the units that are words and not pauses."""
        labelled = np.array([label != "" for label in self.words.labels])
        if labelled.any():  # then those without are pauses
            return np.flatnonzero(labelled)
        voiced = np.add.reduceat(self.prosody.voiced.astype(float), self.words.boundaries[:-1])
        shares = voiced / self.words.durations
        return np.flatnonzero(shares >= min(VOICED_SHARE, shares.max()))
