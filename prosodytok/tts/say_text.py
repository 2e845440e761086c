"""Text to speech whose prosody comes from tokens."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from prosodytok.lm import ProsodyLM
from prosodytok.segmentation import segment
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tts.match_units import Match, match_phrases, match_words, same_words
from prosodytok.tts.prosody_reference import Reference
from prosodytok.tts.prosody_synthesizer import AnyPlan, Plan, ProsodySynthesizer
from prosodytok.tts.prosody_transfer import Amounts, transfer
from prosodytok.types import Segmentation
from prosodytok.types.audio import Audio
from prosodytok.types.errors import AudioError, ConfigError, SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

#: Words that are found cover at least this share of the voice. Of 49 recordings with their own
#: transcripts the worst had 0.78; of transcripts of others that could be aligned, a third had less.
COVERED = 0.75
#: How a prosody goes from one utterance to another.
By = Literal["word", "phrase"]
MATCHES = {"word": match_words, "phrase": match_phrases}


def say(
    voice: ProsodySynthesizer[AnyPlan],
    text: str,
    reference: Reference | None = None,
    *,
    by: By | None = None,
    amounts: Amounts | None = None,
) -> Audio:
    """Say a text like a reference.

    Parameters
    ----------
    voice : ProsodySynthesizer
        Who speaks.
    text : str
        What to say.
    reference : Reference, optional
        How to say it, from tokens; without it, as the voice would by itself.
    by : {"word", "phrase"}, optional
        Word to word, for the same words; or phrase to phrase, for any. When not given, by word
        where the reference's tokens have that level.
    amounts : Amounts, optional
        How much of the reference's durations, F0 and energy to take; all when not given.

    Raises
    ------
    TextError
        If the text cannot be spoken.
    TokenError
        If word shall go to word and the reference has no words, or others.
    ConfigError
        If `by` is neither.
    """
    plan = voice.plan(text)
    if reference is None:
        return voice.speak(plan)
    by = by or ("word" if reference.counted else "phrase")
    if by not in MATCHES:
        raise ConfigError(f"prosody by {by!r}: choose word or phrase")
    match: Match = MATCHES[by](plan, reference)
    amounts = amounts or Amounts()
    pauses = match.pauses_wanted(plan)
    if pauses and amounts.duration > 0:
        plan = voice.plan(text, pauses)
        match = MATCHES[by](plan, reference)
    return voice.speak(transfer(plan, reference, match, amounts))


def tokens_of_reading(
    tokenizer: ProsodyTokenizer, audio: Audio, transcript: str | None = None
) -> ProsodyTokens:
    """Take the tokens of a recording to speak like.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Whose tokens.
    audio : Audio
        The recording.
    transcript : str, optional
        The words that are said in it (English); without them its units are found in the sound and
        have no labels.

    Raises
    ------
    AudioError
        If nothing in it is voiced.
    SegmentationError
        If the transcript is not what is said in it, as far as an aligner can tell.
    MissingExtraError
        If there is a transcript and pocketsphinx is not installed.
    """
    prosody = tokenizer.extract(audio)
    if not prosody.voiced.any():
        raise AudioError("the recording to speak like is silent, or only noise: nothing is voiced")
    if transcript is None:
        return tokenizer.encode(prosody, audio=audio)
    try:
        hierarchy = segment(audio, prosody, "transcript", text=transcript)
        _check_cover(prosody, hierarchy.words)
    except SegmentationError as error:
        raise SegmentationError(
            f"{error}; if other words are said in the recording, take its prosody phrase by phrase "
            "(--by phrase)"
        ) from error
    return tokenizer.encode(prosody, hierarchy, audio=audio)


def tokens_by_model(
    model: ProsodyLM, text: str, plan: Plan, register: Register, **drawing: Any
) -> ProsodyTokens:
    """Take the tokens that a language model says of a text.

    Parameters
    ----------
    model : ProsodyLM
        The language model.
    text : str
        What to say, in English.
    plan : Plan
        How the voice would say it by itself: its tempo is kept.
    register : Register
        The voice's.
    **drawing
        How tokens are drawn: ``seed``, ``temperature``, ``top_k`` and ``top_p`` of
        `ProsodyLM.generate`, whose errors are raised too.
    """
    seconds = plan.prosody.num_frames / plan.prosody.frame_rate
    register = register.with_word_rate(len(plan.words), seconds)
    tokens = model.generate(text, register=register, **drawing)
    if same_words(tokens["word"].segmentation, plan.transcript):
        return tokens
    return model.generate(plan.transcript, register=register, **drawing)  # "3" is spoken "three"


def _check_cover(prosody: Prosody, words: Segmentation) -> None:
    said = np.array([label != "" for label in words.labels])[words.unit_of_frame]
    cover = said[prosody.voiced].mean()
    if cover < COVERED:
        raise SegmentationError(
            f"the transcript does not fit the sound: its words cover {cover:.0%} of the voice"
        )
