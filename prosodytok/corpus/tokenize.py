"""From one sound file to its tokens, whatever is known about its words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from prosodytok.corpus.sources import Source
from prosodytok.nn.batch import Example
from prosodytok.segmentation import segment as segment_by
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.types import Hierarchy
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens

#: Frames of sounds that are encoded together.
FRAMES_AT_ONCE = 8_000


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


def tokenize(tokenizer: Tokenizer, source: Source) -> ProsodyTokens:
    """Turn one sound file into tokens that carry its name.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its words cannot be used; the message names the file.
    """
    return tokenize_sound(tokenizer, source)[2]


def prepare(tokenizer: Tokenizer, source: Source) -> tuple[Source, Example]:
    """Measure one sound and find its words, for `encode_all`; errors as in `tokenize`."""
    audio = source.load()
    prosody = tokenizer.extract(audio)
    hierarchy = given_units(source, audio, prosody)
    return source, tokenizer.example(prosody, hierarchy, audio=audio)


def spare_memory() -> None:
    """Keep oneDNN, by which torch computes on a processor, from keeping all that it compiles.

    It compiles for every shape, and hardly two batches have the same: of 6400 utterances a process
    grew from 0.5 to 1.5 GB. To be called before the first is encoded.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")


def encode_all(
    tokenizer: Tokenizer, prepared: Iterable[tuple[Source, Example]]
) -> Iterator[ProsodyTokens]:
    """Tokens of sounds as `prepare` gives them, in their order: those that `tokenize` gives.

    It waits for a minute or so of speech and encodes it at once, which is faster.
    """
    waiting: list[tuple[Source, Example]] = []
    frames = 0
    for item in prepared:
        waiting.append(item)
        frames += item[1].prosody.num_frames
        if frames >= FRAMES_AT_ONCE:
            yield from encode_together(tokenizer, waiting)
            waiting, frames = [], 0
    yield from encode_together(tokenizer, waiting)


def encode_together(
    tokenizer: Tokenizer, prepared: Sequence[tuple[Source, Example]]
) -> list[ProsodyTokens]:
    """Tokens of sounds as `prepare` gives them, all at once."""
    tokens = tokenizer.encode_batch([example for _, example in prepared])
    return [_named(found, source) for found, (source, _) in zip(tokens, prepared, strict=True)]


def tokenize_sound(tokenizer: Tokenizer, source: Source) -> tuple[Audio, Prosody, ProsodyTokens]:
    """As `tokenize`, with the sound and its prosody beside the tokens."""
    audio = source.load()
    prosody = tokenizer.extract(audio)
    tokens = tokenizer.encode(prosody, given_units(source, audio, prosody), audio=audio)
    return audio, prosody, _named(tokens, source)


def _named(tokens: ProsodyTokens, source: Source) -> ProsodyTokens:
    return replace(tokens, id=source.id, audio=str(source.audio))
