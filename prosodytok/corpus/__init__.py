"""Many files: what to work on, one failure at a time."""

from prosodytok.corpus.sources import Source, find_files, find_sources
from prosodytok.corpus.tokenize import given_units, segment, tokenize, tokenize_sound

__all__ = [
    "Source",
    "find_files",
    "find_sources",
    "given_units",
    "segment",
    "tokenize",
    "tokenize_sound",
]
