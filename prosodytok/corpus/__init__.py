"""Many files: what to work on, one failure at a time; whole corpora to datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.corpus.listing import find_items
from prosodytok.corpus.sources import Source, find_files, find_sources
from prosodytok.corpus.tokenize import (
    encode_all,
    given_units,
    prepare,
    segment,
    spare_memory,
    tokenize,
    tokenize_sound,
)
from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.corpus.extraction import SHARD_SIZE, Begin, Summary, Tell, extract
    from prosodytok.corpus.worker import Outcome

#: What needs torch; imported when first asked for.
_HOMES = {
    "SHARD_SIZE": ".extraction",
    "Begin": ".extraction",
    "Outcome": ".worker",
    "Summary": ".extraction",
    "Tell": ".extraction",
    "extract": ".extraction",
}

__all__ = [
    "SHARD_SIZE",
    "Begin",
    "Outcome",
    "Source",
    "Summary",
    "Tell",
    "encode_all",
    "extract",
    "find_files",
    "find_items",
    "find_sources",
    "given_units",
    "prepare",
    "segment",
    "spare_memory",
    "tokenize",
    "tokenize_sound",
]

__getattr__ = lazily(__name__, _HOMES)
