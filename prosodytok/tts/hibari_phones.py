"""hibari's phones of a text, with the word of each."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from prosodytok.types.errors import TextError, require

#: Symbols of a pause: punctuation, and the ends of a sentence.
PAUSES = frozenset(';:,.!?—…"()“”^$')
#: Symbol of an inserted pause.
PAUSE = ","
#: Maximum length of a sentence that hibari supports (phones).
LONGEST_SENTENCE = 400


@dataclass(frozen=True)
class Phone:
    """A symbol of hibari's phone alphabet, and the index of its word; None in a pause."""

    symbol: str
    word: int | None


@dataclass(frozen=True)
class Pronunciation:
    """Sentences of phones, each from its start ``^`` to its end ``$``, and the words of all."""

    sentences: tuple[tuple[Phone, ...], ...]
    words: tuple[str, ...]


def text_to_phones(engine: Any, text: str, pauses: Collection[int] = ()) -> Pronunciation:
    """Convert a text as hibari does, with further pauses after the given numbers of words.

    Raises `TextError` if the text has nothing to pronounce, or a sentence is too long.
    """
    normalize = require("hibari.g2p.normalize", "tts").normalize
    sentences: list[tuple[Phone, ...]] = []
    words: list[str] = []
    for sentence in engine.split_sentences(text):
        tokens = engine.g2p.phonemize_tokens(engine.g2p.tokenize(normalize(sentence)))
        phones = _phones(tokens, words, pauses, engine.vocab)
        if len(phones) - 2 > LONGEST_SENTENCE:
            raise TextError(
                f"a sentence of {len(phones) - 2} phones is longer than the voice supports "
                f"({LONGEST_SENTENCE}): put full stops into {sentence[:60]!r}..."
            )
        if any(phone.word is not None for phone in phones):
            sentences.append(phones)
    if not words:
        raise TextError(f"nothing in the text can be pronounced: {text[:60]!r}")
    return Pronunciation(tuple(sentences), tuple(words))


def _phones(
    tokens: list[Any], words: list[str], pauses: Collection[int], vocab: Collection[str]
) -> tuple[Phone, ...]:
    """Phones of a sentence; its words are appended to `words`."""
    phones, name = [Phone("^", None)], ""
    for token in tokens:
        symbols = [symbol for symbol in token.phonemes or "" if symbol in vocab]
        is_pause = all(symbol in PAUSES for symbol in symbols)
        if name and is_pause and symbols:
            words.append(_strip_punctuation(name))
            name = ""
        phones += [Phone(symbol, None if is_pause else len(words)) for symbol in symbols]
        name += "" if is_pause else token.text
        if token.whitespace:
            phones += _space(phones[-1], len(words) + bool(name) in pauses)
            words += [_strip_punctuation(name)] if name else []
            name = ""
    words += [_strip_punctuation(name)] if name else []
    while phones[-1].symbol == " ":
        phones.pop()
    return (*phones, Phone("$", None))


def _space(last: Phone, pause: bool) -> list[Phone]:
    """Phones between two words: a space, which belongs to the first, or a pause."""
    if pause and last.word is not None:
        return [Phone(PAUSE, None), Phone(" ", None)]
    return [Phone(" ", last.word)]


def _strip_punctuation(word: str) -> str:
    """Word without the punctuation around it."""
    return re.sub(r"^\W+|\W+$", "", word) or word
