"""Text to speech with the prosody of tokens."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from prosodytok.lm import ProsodyLM
from prosodytok.segmentation.segment import UnitSpec
from prosodytok.tokenizer import ProsodyTokenizer, tokenize_utterance
from prosodytok.tts.match_units import Match, match_phrases, match_words, same_words
from prosodytok.tts.prosody_reference import Reference
from prosodytok.tts.prosody_synthesizer import AnyPlan, Plan, ProsodySynthesizer
from prosodytok.tts.prosody_transfer import Amounts, transfer
from prosodytok.types import Hierarchy, Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError, ConfigError, SegmentationError
from prosodytok.types.f0_range import FITTED, F0Range
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

#: Minimum share of the voiced frames inside aligned words. Of 49 recordings with their own
#: transcripts the lowest had 0.78; of wrong transcripts that could be aligned, a third had less.
MIN_COVERAGE = 0.75
#: Granularity of the transfer.
Granularity = Literal["word", "phrase"]
MATCHES = {"word": match_words, "phrase": match_phrases}


def say(
    voice: ProsodySynthesizer[AnyPlan],
    text: str,
    reference: Reference | None = None,
    *,
    by: Granularity | None = None,
    amounts: Amounts | None = None,
) -> Audio:
    """Speak a text with the prosody of a reference.

    Parameters
    ----------
    voice : ProsodySynthesizer
        Voice to speak with.
    text : str
        Text to speak.
    reference : Reference, optional
        Prosody to transfer; by default, the voice keeps its own.
    by : {"word", "phrase"}, optional
        Granularity of the transfer: by word needs the same words, by phrase any text. By default,
        by word if the reference has words.
    amounts : Amounts, optional
        Amount of the transfer of durations, F0 and energy; 1 by default.

    Raises
    ------
    TextError
        If the text cannot be spoken.
    TokenError
        If the transfer is by word and the reference has no words, or other words.
    ConfigError
        If `by` is invalid.
    """
    plan = voice.plan(text)
    if reference is None:
        return voice.speak(plan)
    by = by or ("word" if reference.has_words else "phrase")
    if by not in MATCHES:
        raise ConfigError(f"transfer by {by!r}: choose word or phrase")
    match: Match = MATCHES[by](plan, reference)
    amounts = amounts or Amounts()
    pauses = match.missing_pauses(plan)
    if pauses and amounts.duration > 0:
        plan = voice.plan(text, pauses)
        match = MATCHES[by](plan, reference)
    return voice.speak(transfer(plan, reference, match, amounts))


def tokens_of_reading(
    tokenizer: ProsodyTokenizer,
    audio: Audio,
    transcript: str | None = None,
    f0_range: F0Range = FITTED,
) -> ProsodyTokens:
    """Tokens of a recording, as a reference.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Tokenizer of the tokens.
    audio : Audio
        Recording to tokenize.
    transcript : str, optional
        Words of the recording (English); by default, units are found in the sound and have no
        labels.
    f0_range : F0Range
        The range in which F0 is searched.

    Raises
    ------
    AudioError
        If nothing in it is voiced.
    SegmentationError
        If the transcript cannot be aligned with the recording, or covers too little of it.
    MissingExtraError
        If there is a transcript and pocketsphinx is not installed.
    """
    try:
        units = CheckedTranscript(text=transcript)
        found = tokenize_utterance(audio, tokenizer, units, f0_range=f0_range)
    except SegmentationError as error:
        raise SegmentationError(
            f"{error}; if other words are said in the recording, take its prosody phrase by phrase "
            "(--by phrase)"
        ) from error
    _check_voiced(found.prosody)
    return found.tokens


def tokens_by_model(
    model: ProsodyLM, text: str, plan: Plan, register: Register, **sampling: Any
) -> ProsodyTokens:
    """Generate tokens of a text by a language model.

    Parameters
    ----------
    model : ProsodyLM
        Language model.
    text : str
        Text to speak, in English.
    plan : Plan
        Plan of the voice for the text; its tempo is kept.
    register : Register
        Register of the voice.
    **sampling
        Options of the sampling: ``seed``, ``temperature``, ``top_k`` and ``top_p`` of
        `ProsodyLM.generate`, which may raise its errors.
    """
    seconds = float(plan.words.durations[plan.spoken].sum()) / plan.prosody.frame_rate
    register = register.with_word_rate(len(plan.spoken), seconds)
    tokens = model.generate(text, register=register, **sampling)
    if same_words(tokens["word"].segmentation, plan.transcript):
        return tokens
    return model.generate(plan.transcript, register=register, **sampling)  # "3" is spoken "three"


class CheckedTranscript(UnitSpec):
    """A transcript whose words must cover most of the voice."""

    def segment(self, audio: Audio, prosody: Prosody) -> Hierarchy:
        """Align the transcript; errors if nothing is voiced or it does not fit."""
        _check_voiced(prosody)
        hierarchy = super().segment(audio, prosody)
        _check_cover(prosody, hierarchy.words)
        return hierarchy


def _check_voiced(prosody: Prosody) -> None:
    if not prosody.voiced.any():
        raise AudioError("the recording to speak like is silent, or only noise: nothing is voiced")


def _check_cover(prosody: Prosody, words: Segmentation) -> None:
    in_word = np.array([label != "" for label in words.labels])[words.unit_of_frame]
    coverage = in_word[prosody.voiced].mean()
    if coverage < MIN_COVERAGE:
        raise SegmentationError(
            f"the transcript does not fit the sound: its words cover {coverage:.0%} of the voice"
        )
