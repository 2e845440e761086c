"""From one sound file to its tokens, whatever is known about its words."""

from __future__ import annotations

from dataclasses import replace

from prosodytok.audio import Audio, load
from prosodytok.corpus.sources import Source
from prosodytok.errors import SegmentationError
from prosodytok.model.tokenizer import ProsodyTokenizer
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Hierarchy
from prosodytok.segmentation import segment as segment_by
from prosodytok.tokens.types import ProsodyTokens


def segment(source: Source, audio: Audio, prosody: Prosody) -> Hierarchy:
    """Find words and phrases by the best that is known: a TextGrid, a transcript, or the sound.

    Raises
    ------
    SegmentationError
        If the TextGrid or the transcript does not fit; the message names the file.
    """
    try:
        return segment_by(
            audio,
            prosody,
            source.means,
            textgrid=source.textgrid,
            words_tier=source.words_tier,
            phrases_tier=source.phrases_tier,
            text=source.text,
        )
    except SegmentationError as error:
        if source.means == "textgrid":  # whose file the message names
            raise
        raise SegmentationError(f"{source.audio}: {error}") from error


def given_units(source: Source, audio: Audio, prosody: Prosody) -> Hierarchy | None:
    """As `segment`; None where the tokenizer's own rule finds them in the prosody."""
    return None if source.means == "acoustic" else segment(source, audio, prosody)


def tokenize(tokenizer: ProsodyTokenizer, source: Source) -> ProsodyTokens:
    """Turn one sound file into tokens that carry its name.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its words cannot be used; the message names the file.
    """
    return tokenize_sound(tokenizer, source)[2]


def tokenize_sound(
    tokenizer: ProsodyTokenizer, source: Source
) -> tuple[Audio, Prosody, ProsodyTokens]:
    """As `tokenize`, with the sound and its prosody beside the tokens."""
    audio = load(source.audio)
    prosody = tokenizer.extract(audio)
    tokens = tokenizer.encode(prosody, given_units(source, audio, prosody), audio=audio)
    return audio, prosody, replace(tokens, id=source.id, audio=str(source.audio))
