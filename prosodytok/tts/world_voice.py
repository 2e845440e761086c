"""Any TTS, led from outside: World stretches its sound and gives it other contours."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

from prosodytok.features import extract
from prosodytok.segmentation.aligner import hierarchy_from_transcript
from prosodytok.tts.prosody_synthesizer import Plan
from prosodytok.tts.world_resynthesis import Voice
from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError, TextError
from prosodytok.types.register import Register

#: What the voice says to have its register measured.
SAMPLE_TEXT = (
    "The north wind and the sun were disputing which was the stronger, when a traveler came."
)


@dataclass(frozen=True)
class WorldPlan(Plan):
    """A plan with the sound that it was made from.

    Parameters
    ----------
    voice : Voice
        The sound, taken apart.
    own_words : Segmentation
        The words as they are in the sound; `words` says how they shall be timed.
    """

    voice: Voice
    own_words: Segmentation


class WorldVoice:
    """A voice of any TTS that turns English text into sound.

    The words are found in the sound by forced alignment, and World (`Voice`) says it again with
    other durations, F0 and energy. A TTS that takes durations and F0 itself sounds better: see
    `ProsodySynthesizer` and `HibariVoice`. Pauses are where the TTS makes them.

    Parameters
    ----------
    synthesize : callable
        From a text to its `Audio`.
    """

    def __init__(self, synthesize: Callable[[str], Audio]) -> None:
        self.synthesize = synthesize

    @cached_property
    def register(self) -> Register:
        """The voice's register, measured on one sentence when it is first asked for."""
        return Register.estimate(extract(self.synthesize(SAMPLE_TEXT)))

    def plan(self, text: str, pauses: Collection[int] = ()) -> WorldPlan:  # noqa: ARG002
        """What the TTS says by itself; see `ProsodySynthesizer`.

        Raises
        ------
        TextError
            If the words cannot be found in what the TTS says.
        AudioError
            If the TTS gives no sound.
        MissingExtraError
            If pocketsphinx is not installed.
        """
        audio = self.synthesize(text)
        prosody = extract(audio)
        try:
            words = hierarchy_from_transcript(audio, text, prosody.num_frames).words
        except SegmentationError as error:
            raise TextError(f"the words are not found in what the TTS says: {error}") from error
        return WorldPlan(words, prosody, Voice.of(audio), words)

    def speak(self, plan: WorldPlan) -> Audio:
        """Say a plan; see `ProsodySynthesizer`."""
        rate = plan.prosody.frame_rate
        edges, moved = plan.own_words.boundaries / rate, plan.words.boundaries / rate
        return plan.voice.stretched(edges, moved).speak(plan.prosody)
