"""Prosody control of any TTS: World changes the timing and contours of its output."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

from prosodytok.features import extract
from prosodytok.segmentation.transcript_units import hierarchy_from_transcript
from prosodytok.tts.prosody_synthesizer import Plan
from prosodytok.tts.world_resynthesis import WorldAnalysis
from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError, TextError
from prosodytok.types.register import Register

#: Text for the measurement of the register.
SAMPLE_TEXT = (
    "The north wind and the sun were disputing which was the stronger, when a traveler came."
)


@dataclass(frozen=True)
class WorldPlan(Plan):
    """A plan with the analysis of the audio of the TTS.

    `own_words` are timed as in the audio; `words` has the target timing.
    """

    analysis: WorldAnalysis
    own_words: Segmentation


class WorldVoice:
    """Voice of any English TTS with audio as its output.

    Forced alignment finds the words in the audio, and World (`WorldAnalysis`) resynthesizes it with
    other durations, F0 and energy. A TTS that takes durations and F0 as inputs sounds better: see
    `ProsodySynthesizer` and `HibariVoice`. Pauses are where the TTS makes them.

    Parameters
    ----------
    synthesize : callable
        Function from a text to its `Audio`.
    """

    def __init__(self, synthesize: Callable[[str], Audio]) -> None:
        self.synthesize = synthesize

    @cached_property
    def register(self) -> Register:
        """Register of the voice, measured on one sentence on first access."""
        return Register.estimate(extract(self.synthesize(SAMPLE_TEXT)))

    def plan(self, text: str, pauses: Collection[int] = ()) -> WorldPlan:  # noqa: ARG002
        """Plan of a text with the TTS's own prosody; see `ProsodySynthesizer`.

        Raises
        ------
        TextError
            If the words cannot be aligned with the audio of the TTS.
        AudioError
            If the TTS returns no sound.
        MissingExtraError
            If pocketsphinx is not installed.
        """
        audio = self.synthesize(text)
        prosody = extract(audio)
        try:
            words = hierarchy_from_transcript(audio, text, prosody.num_frames).words
        except SegmentationError as error:
            raise TextError(
                f"the words cannot be aligned with the audio of the TTS: {error}"
            ) from error
        return WorldPlan(words, prosody, WorldAnalysis.of(audio), words)

    def speak(self, plan: WorldPlan) -> Audio:
        """Synthesize a plan; see `ProsodySynthesizer`."""
        rate = plan.prosody.frame_rate
        edges, moved = plan.own_words.boundaries / rate, plan.words.boundaries / rate
        return plan.analysis.time_warp(edges, moved).synthesize(plan.prosody)
