"""Interface of a TTS with controllable prosody: plan a text, and speak a changed plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register


@dataclass(frozen=True)
class Plan:
    """Word timing and prosody of a text to be synthesized.

    A TTS makes a plan with its own prosody. `tts.transfer` changes the word boundaries and the
    contours and keeps the units. A subclass may carry further data of a TTS.

    Parameters
    ----------
    words : Segmentation
        N words and pauses (label ``""``) in frames of the prosody, T in total.
    prosody : Prosody
        F0 (Hz), voicing and energy (dB), T frames, at the frame rate of the TTS.

    Raises
    ------
    ProsodytokError
        If the two have different numbers of frames.
    """

    words: Segmentation
    prosody: Prosody

    def __post_init__(self) -> None:
        if self.words.num_frames != self.prosody.num_frames:
            raise ProsodytokError(
                f"the words of a plan have {self.words.num_frames} frames, and its prosody "
                f"{self.prosody.num_frames} frames"
            )

    @property
    def spoken(self) -> NDArray[np.int64]:
        """Indices of the words among the units (which include pauses)."""
        return np.flatnonzero([label != "" for label in self.words.labels])

    @property
    def transcript(self) -> str:
        """Words as spoken, without punctuation."""
        return " ".join(label for label in self.words.labels if label)


AnyPlan = TypeVar("AnyPlan", bound=Plan)


class ProsodySynthesizer(Protocol[AnyPlan]):
    """A TTS with controllable durations, F0 and energy.

    docs/tts.md shows how to write one. `tts.HibariVoice` replaces these inside a neural TTS;
    `tts.WorldVoice` changes them in the output of any TTS.
    """

    @property
    def register(self) -> Register:
        """Register of the voice, measured on its own speech."""

    def plan(self, text: str, pauses: Collection[int] = ()) -> AnyPlan:
        """Plan of a text with the TTS's own prosody.

        Parameters
        ----------
        text : str
            Text to speak.
        pauses : collection of int
            Numbers of words after which to insert a pause unit, even without punctuation there. A
            TTS that cannot pause there may ignore it.

        Raises
        ------
        TextError
            If the text cannot be spoken.
        """

    def speak(self, plan: AnyPlan) -> Audio:
        """Synthesize a plan of this TTS, with word boundaries and prosody as changed."""
