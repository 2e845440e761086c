"""Tokens of one utterance, the files that hold them, and the streams that language models read."""

from prosodytok.tokens.columns import ProsodyColumns, delay, undelay
from prosodytok.tokens.interleaved import (
    InterleavedReader,
    InterleavedStream,
    TextTokenizer,
    from_text,
    to_text,
)
from prosodytok.tokens.io import read_tokens, write_tokens
from prosodytok.tokens.jsonl import iter_jsonl, read_jsonl, write_jsonl
from prosodytok.tokens.parquet import (
    parquet_schema,
    read_parquet,
    row_to_tokens,
    tokens_to_row,
    write_parquet,
)
from prosodytok.tokens.record import from_dict, to_dict
from prosodytok.tokens.sequence import ProsodyVocabulary, StreamReader
from prosodytok.tokens.tensors import read_safetensors, write_safetensors
from prosodytok.tokens.textgrid import write_textgrid
from prosodytok.tokens.types import LEVELS, ProsodyTokens, TokenLevel

__all__ = [
    "LEVELS",
    "InterleavedReader",
    "InterleavedStream",
    "ProsodyColumns",
    "ProsodyTokens",
    "ProsodyVocabulary",
    "StreamReader",
    "TextTokenizer",
    "TokenLevel",
    "delay",
    "from_dict",
    "from_text",
    "iter_jsonl",
    "parquet_schema",
    "read_jsonl",
    "read_parquet",
    "read_safetensors",
    "read_tokens",
    "row_to_tokens",
    "to_dict",
    "to_text",
    "tokens_to_row",
    "undelay",
    "write_jsonl",
    "write_parquet",
    "write_safetensors",
    "write_textgrid",
    "write_tokens",
]
