"""What a TTS must offer for tokens to lead its voice: to plan what it says, and to say it."""

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
    """How a text is going to be said: its words in time, and their prosody.

    A TTS makes one with its own prosody. `tts.transfer` moves the words' edges and the contours,
    and leaves the units and all else as they are. An adapter may keep more in a subclass.

    Parameters
    ----------
    words : Segmentation
        N words and pauses (label ``""``) in frames of the prosody, T in all.
    prosody : Prosody
        F0 (Hz), voicing and energy (dB), T frames at a rate that the TTS chooses.

    Raises
    ------
    ProsodytokError
        If the two differ in length.
    """

    words: Segmentation
    prosody: Prosody

    def __post_init__(self) -> None:
        if self.words.num_frames != self.prosody.num_frames:
            raise ProsodytokError(
                f"a plan of {self.words.num_frames} frames of words and "
                f"{self.prosody.num_frames} frames of prosody"
            )

    @property
    def spoken(self) -> NDArray[np.int64]:
        """Indices of the units that are words and not pauses."""
        return np.flatnonzero([label != "" for label in self.words.labels])

    @property
    def transcript(self) -> str:
        """The words as they are spoken, without punctuation."""
        return " ".join(label for label in self.words.labels if label)


AnyPlan = TypeVar("AnyPlan", bound=Plan)


class ProsodySynthesizer(Protocol[AnyPlan]):
    """A TTS whose durations, F0 and energy can be led.

    docs/tts.md shows how to write one. `tts.HibariVoice` opens a TTS and leads it from within;
    `tts.WorldVoice` makes one of any TTS that turns text into sound.
    """

    @property
    def register(self) -> Register:
        """The voice's own register, measured on its own speech."""

    def plan(self, text: str, pauses: Collection[int] = ()) -> AnyPlan:
        """What the TTS would say by itself.

        Parameters
        ----------
        text : str
            What to say.
        pauses : collection of int
            Counts of words after which there shall be a unit for a pause, even if the text has no
            punctuation there. A TTS that cannot pause there may leave it out.

        Raises
        ------
        TextError
            If the text cannot be spoken.
        """

    def speak(self, plan: AnyPlan) -> Audio:
        """Say a plan of this TTS, whose word edges and prosody may have been changed since."""
