"""Tokenization of recordings, one by one or in batches."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from prosodytok.corpus.recordings import Recording
from prosodytok.io.manifest import unicode_name
from prosodytok.nn.batch import Example
from prosodytok.tokenizer.tokenizer import Tokenizer
from prosodytok.tokenizer.utterance import TokenizedUtterance, prepare_utterance, tokenize_utterance
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.tokens import ProsodyTokens

#: Minimum number of frames per batch.
FRAMES_AT_ONCE = 8_000

Prepared = tuple[Recording, Example]


def tokenize_recording(tokenizer: Tokenizer, recording: Recording) -> TokenizedUtterance:
    """Tokenize a recording; its tokens carry the recording's id and file.

    Raises
    ------
    AudioError, SegmentationError
        If the sound or its units are invalid; the message names the file.
    """
    audio = recording.load()
    with _naming(recording):
        utterance = tokenize_utterance(
            audio, tokenizer, recording.units, recording.register, recording.f0_range
        )
    return replace(utterance, tokens=_named(utterance.tokens, recording))


def prepare(tokenizer: Tokenizer, recording: Recording, prosody: Prosody | None = None) -> Prepared:
    """Extract features and units for `encode_all`; errors are those of `tokenize_recording`.

    The prosody may have been measured before.
    """
    audio = recording.load()
    with _naming(recording):
        return recording, prepare_utterance(
            audio, tokenizer, recording.units, recording.register, recording.f0_range, prosody
        )


def encode_all(tokenizer: Tokenizer, prepared: Iterable[Prepared]) -> Iterator[ProsodyTokens]:
    """Encode prepared recordings in order; the tokens equal those of `tokenize_recording`.

    About a minute of speech is encoded per batch, for speed.
    """
    waiting: list[Prepared] = []
    frames = 0
    for item in prepared:
        waiting.append(item)
        frames += item[1].prosody.num_frames
        if frames >= FRAMES_AT_ONCE:
            yield from encode_together(tokenizer, waiting)
            waiting, frames = [], 0
    yield from encode_together(tokenizer, waiting)


def encode_together(tokenizer: Tokenizer, prepared: Sequence[Prepared]) -> list[ProsodyTokens]:
    """Encode prepared recordings as one batch."""
    tokens = tokenizer.encode_batch([example for _, example in prepared])
    return [
        _named(found, recording) for found, (recording, _) in zip(tokens, prepared, strict=True)
    ]


def limit_kernel_cache() -> None:
    """Limit the cache of compiled kernels of oneDNN, which torch uses on a CPU.

    oneDNN compiles kernels for every shape, and shapes rarely repeat: over 6400 utterances a
    process grew from 0.5 to 1.5 GB. Call this before the first batch is encoded.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")


def _named(tokens: ProsodyTokens, recording: Recording) -> ProsodyTokens:
    return replace(
        tokens,
        id=recording.id,
        audio=unicode_name(recording.audio),
        speaker=recording.speaker,
        offset=recording.start,
        warnings=recording.warnings + tokens.warnings,
    )


@contextmanager
def _naming(recording: Recording) -> Iterator[None]:
    """Add the names of the file and of its part to errors of its units.

    That of a TextGrid is in the message.
    """
    part = "" if recording.start is None else f"{recording.id}: "
    try:
        yield
    except SegmentationError as error:
        if recording.units.source == "textgrid" and not part:
            raise
        raise SegmentationError(f"{recording.audio}: {part}{error}") from error
