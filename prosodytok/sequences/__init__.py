"""Token sequences for language models: vocabularies, interleaved text, codec columns."""

from prosodytok.sequences.codec_columns import ProsodyColumns, delay, undelay
from prosodytok.sequences.interleaved import (
    InterleavedReader,
    InterleavedStream,
    TextTokenizer,
    from_text,
    to_text,
)
from prosodytok.sequences.sequence_reader import SequenceReader
from prosodytok.sequences.vocabulary import ProsodyVocabulary

__all__ = [
    "InterleavedReader",
    "InterleavedStream",
    "ProsodyColumns",
    "ProsodyVocabulary",
    "SequenceReader",
    "TextTokenizer",
    "delay",
    "from_text",
    "to_text",
    "undelay",
]
