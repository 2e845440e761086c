"""Many files: what to work on, one failure at a time."""

from prosodytok.corpus.sources import Source, find_files, find_sources
from prosodytok.corpus.tokenize import segment, tokenize, tokenize_sound

__all__ = ["Source", "find_files", "find_sources", "segment", "tokenize", "tokenize_sound"]
