"""Many files: what to work on, one failure at a time; whole corpora to datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.corpus.corpus_listing import find_items
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
    from prosodytok.corpus.corpus_extraction import (
        SHARD_SIZE,
        OnOutcome,
        OnStart,
        Summary,
        extract,
    )
    from prosodytok.corpus.shard_worker import Outcome

#: What needs torch; imported when first asked for.
_HOMES = {
    "SHARD_SIZE": ".corpus_extraction",
    "OnOutcome": ".corpus_extraction",
    "OnStart": ".corpus_extraction",
    "Outcome": ".shard_worker",
    "Summary": ".corpus_extraction",
    "extract": ".corpus_extraction",
}

__all__ = [
    "SHARD_SIZE",
    "OnOutcome",
    "OnStart",
    "Outcome",
    "Source",
    "Summary",
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
