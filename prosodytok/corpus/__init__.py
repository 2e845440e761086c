"""Many files: what to work on, one failure at a time."""

from prosodytok.corpus.sources import Source, find_files, find_sources
from prosodytok.corpus.tokenize import encode_all, prepare, segment, tokenize, tokenize_sound

__all__ = [
    "Source",
    "encode_all",
    "find_files",
    "find_sources",
    "prepare",
    "segment",
    "tokenize",
    "tokenize_sound",
]
