"""Mutations of files: bits, sizes, truncation and texts."""

import random
import re
from collections.abc import Callable

#: Integers that are critical in headers, and words that are critical in texts.
NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
WORDS = (
    b"0", b"-1", b"1e999", b"-0.0", b"1e-320", b"NaN", b"Infinity", b"null", b"true", b"{}", b"[]",
    b'""', b"9" * 30, b"9" * 5000, b"0.1", b"1.5", b"\xff\xfe", b"\xed\xa0\x80", b'"\\ud800"',
    b"\x00", b'"a": ', b"[" * 3000, b'{"a":' * 3000, b"- " * 3000, b"*a", b"&a [*a]", b"!!python/x",
    b"2001-99-99", b"? [a]", b"<<: ", b"100000000000000",
)  # fmt: skip
Mutation = Callable[[random.Random, bytearray], bytes]


def flip_bits(rng: random.Random, content: bytearray) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        content[_place(rng, content)] ^= 1 << rng.randrange(8)
    return bytes(content)


def set_number(rng: random.Random, content: bytearray) -> bytes:
    """Overwrite one to eight bytes, mostly near the start, with a critical number."""
    width = rng.choice((1, 2, 4, 8))
    place = _place(rng, content)
    number = rng.choice(NUMBERS) % 256**width
    content[place : place + width] = number.to_bytes(width, rng.choice(("little", "big")))
    return bytes(content)


def truncate(rng: random.Random, content: bytearray) -> bytes:
    return bytes(content[: rng.randrange(len(content))])


def delete(rng: random.Random, content: bytearray) -> bytes:
    place = _place(rng, content)
    del content[place : place + rng.choice((1, 4, 100))]
    return bytes(content)


def repeat(rng: random.Random, content: bytearray) -> bytes:
    """Insert a copy of some bytes at another position."""
    place, start = _place(rng, content), _place(rng, content)
    content[place:place] = content[start : start + rng.choice((1, 8, 500))] * rng.choice((1, 1, 50))
    return bytes(content)


def fill(rng: random.Random, content: bytearray) -> bytes:
    place, length = _place(rng, content), rng.choice((4, 64, 4096))
    content[place : place + length] = bytes([rng.choice((0, 0xFF))]) * length
    return bytes(content)


def replace_word(rng: random.Random, content: bytearray) -> bytes:
    """Replace a number, a string or a key of a text."""
    found = list(re.finditer(rb'"[^"\n]{0,80}"|-?\b[0-9][0-9.e+-]*|\w+', bytes(content[:200_000])))
    start, end = rng.choice(found).span() if found else (0, 0)
    content[start:end] = rng.choice(WORDS)
    return bytes(content)


MUTATIONS: tuple[Mutation, ...] = (flip_bits, set_number, truncate, delete, repeat, fill)
TEXT_MUTATIONS: tuple[Mutation, ...] = (*MUTATIONS, replace_word, replace_word, replace_word)


def mutate(content: bytes, rng: random.Random, text: bool) -> bytes:
    """Apply one to three mutations."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        if content:
            content = rng.choice(TEXT_MUTATIONS if text else MUTATIONS)(rng, bytearray(content))
    return content


def _place(rng: random.Random, content: bytearray) -> int:
    """Random position, mostly near the start (headers) or the end (Parquet and zip footers)."""
    near = rng.choice((16, 100, 1000, len(content)))
    place = rng.randrange(min(near, len(content)))
    return place if rng.random() < 0.7 else len(content) - 1 - place
