"""Reading and writing files: sounds, tokens, prosody, TextGrids, manifests, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prosodytok.lazy import lazily

if TYPE_CHECKING:
    from prosodytok.io.jsonl import iter_jsonl, read_jsonl, write_jsonl
    from prosodytok.io.manifest import Utterance, read_manifest
    from prosodytok.io.npz import read_prosody, write_prosody
    from prosodytok.io.parquet import (
        parquet_schema,
        read_parquet,
        row_to_tokens,
        tokens_to_row,
        write_parquet,
    )
    from prosodytok.io.safetensors_tokens import read_safetensors, write_safetensors
    from prosodytok.io.sound import load, write_sound
    from prosodytok.io.sound_folders import find_audio
    from prosodytok.io.textgrid import Entry, Tier, find_tier, read_textgrid, write_textgrid
    from prosodytok.io.token_files import read_tokens, write_tokens
    from prosodytok.io.token_record import from_dict, to_dict

#: The module of each name, imported when the name is first used.
_HOMES = {
    "Entry": ".textgrid",
    "Tier": ".textgrid",
    "Utterance": ".manifest",
    "find_audio": ".sound_folders",
    "find_tier": ".textgrid",
    "from_dict": ".token_record",
    "iter_jsonl": ".jsonl",
    "load": ".sound",
    "parquet_schema": ".parquet",
    "read_jsonl": ".jsonl",
    "read_manifest": ".manifest",
    "read_parquet": ".parquet",
    "read_prosody": ".npz",
    "read_safetensors": ".safetensors_tokens",
    "read_textgrid": ".textgrid",
    "read_tokens": ".token_files",
    "row_to_tokens": ".parquet",
    "to_dict": ".token_record",
    "tokens_to_row": ".parquet",
    "write_jsonl": ".jsonl",
    "write_parquet": ".parquet",
    "write_prosody": ".npz",
    "write_safetensors": ".safetensors_tokens",
    "write_sound": ".sound",
    "write_textgrid": ".textgrid",
    "write_tokens": ".token_files",
}

__all__ = [
    "Entry",
    "Tier",
    "Utterance",
    "find_audio",
    "find_tier",
    "from_dict",
    "iter_jsonl",
    "load",
    "parquet_schema",
    "read_jsonl",
    "read_manifest",
    "read_parquet",
    "read_prosody",
    "read_safetensors",
    "read_textgrid",
    "read_tokens",
    "row_to_tokens",
    "to_dict",
    "tokens_to_row",
    "write_jsonl",
    "write_parquet",
    "write_prosody",
    "write_safetensors",
    "write_sound",
    "write_textgrid",
    "write_tokens",
]

__getattr__ = lazily(__name__, _HOMES)
