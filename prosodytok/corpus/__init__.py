"""Many recordings: which ones, tokens of all but those that fail, whole corpora to datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.corpus.encode import (
        encode_all,
        limit_kernel_cache,
        prepare,
        tokenize_recording,
    )
    from prosodytok.corpus.extraction import SHARD_SIZE, Begin, Summary, Tell, extract
    from prosodytok.corpus.listing import find_items
    from prosodytok.corpus.recordings import Recording, find_recordings, with_units
    from prosodytok.corpus.worker import Outcome

#: The module of each name, imported when the name is first used.
_HOMES = {
    "SHARD_SIZE": ".extraction",
    "Begin": ".extraction",
    "Outcome": ".worker",
    "Recording": ".recordings",
    "Summary": ".extraction",
    "Tell": ".extraction",
    "encode_all": ".encode",
    "extract": ".extraction",
    "find_items": ".listing",
    "find_recordings": ".recordings",
    "limit_kernel_cache": ".encode",
    "prepare": ".encode",
    "tokenize_recording": ".encode",
    "with_units": ".recordings",
}

__all__ = [
    "SHARD_SIZE",
    "Begin",
    "Outcome",
    "Recording",
    "Summary",
    "Tell",
    "encode_all",
    "extract",
    "find_items",
    "find_recordings",
    "limit_kernel_cache",
    "prepare",
    "tokenize_recording",
    "with_units",
]

__getattr__ = lazily(__name__, _HOMES)
