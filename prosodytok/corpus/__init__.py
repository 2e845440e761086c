"""Many recordings: which ones, tokens of all but those that fail, whole corpora to datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.corpus.corpus_extraction import SHARD_SIZE, OnOutcome, OnStart, Summary, extract
    from prosodytok.corpus.corpus_listing import find_items
    from prosodytok.corpus.encode import encode_all, limit_kernel_cache, prepare, tokenize_recording
    from prosodytok.corpus.recordings import Recording, find_recordings, with_units
    from prosodytok.corpus.registers import Registers, TurnRegisters, read_registers
    from prosodytok.corpus.shard_worker import Outcome
    from prosodytok.corpus.speaker_turns import with_speakers

#: The module of each name, imported when the name is first used.
_HOMES = {
    "SHARD_SIZE": ".corpus_extraction",
    "OnOutcome": ".corpus_extraction",
    "OnStart": ".corpus_extraction",
    "Outcome": ".shard_worker",
    "Recording": ".recordings",
    "Registers": ".registers",
    "Summary": ".corpus_extraction",
    "TurnRegisters": ".registers",
    "encode_all": ".encode",
    "extract": ".corpus_extraction",
    "find_items": ".corpus_listing",
    "find_recordings": ".recordings",
    "limit_kernel_cache": ".encode",
    "prepare": ".encode",
    "read_registers": ".registers",
    "tokenize_recording": ".encode",
    "with_speakers": ".speaker_turns",
    "with_units": ".recordings",
}

__all__ = [
    "SHARD_SIZE",
    "OnOutcome",
    "OnStart",
    "Outcome",
    "Recording",
    "Registers",
    "Summary",
    "TurnRegisters",
    "encode_all",
    "extract",
    "find_items",
    "find_recordings",
    "limit_kernel_cache",
    "prepare",
    "read_registers",
    "tokenize_recording",
    "with_speakers",
    "with_units",
]

__getattr__ = lazily(__name__, _HOMES)
