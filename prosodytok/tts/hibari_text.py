"""What hibari reads: the phones of a text, and which word each belongs to."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from prosodytok.types.errors import TextError, require

#: What stands for a pause among the phones: punctuation, and the ends of a sentence.
PAUSES = frozenset(';:,.!?—…"()“”^$')
#: The phone that is put where a pause shall be.
PAUSE = ","
#: hibari was not made for longer sentences (phones).
LONGEST_SENTENCE = 400


@dataclass(frozen=True)
class Phone:
    """A phone as hibari's alphabet writes it, and the word that it belongs to; None in a pause."""

    symbol: str
    word: int | None


@dataclass(frozen=True)
class Reading:
    """Sentences of phones with the words that they speak.

    Parameters
    ----------
    sentences : tuple of tuple of Phone
        Each from its start ``^`` to its end ``$``.
    words : tuple of str
        All words, numbered over all sentences.
    """

    sentences: tuple[tuple[Phone, ...], ...]
    words: tuple[str, ...]


def read(engine: Any, text: str, pauses: Collection[int] = ()) -> Reading:
    """Read a text as hibari does, with further pauses after so many words.

    Raises
    ------
    TextError
        If the text has nothing to pronounce, or a sentence is too long.
    """
    normalize = require("hibari.g2p.normalize", "tts").normalize
    sentences: list[tuple[Phone, ...]] = []
    words: list[str] = []
    for sentence in engine.split_sentences(text):
        tokens = engine.g2p.phonemize_tokens(engine.g2p.tokenize(normalize(sentence)))
        phones = _phones(tokens, words, pauses, engine.vocab)
        if len(phones) - 2 > LONGEST_SENTENCE:
            raise TextError(
                f"a sentence of {len(phones) - 2} phones is longer than can be said at once "
                f"({LONGEST_SENTENCE}): put full stops into {sentence[:60]!r}..."
            )
        if any(phone.word is not None for phone in phones):
            sentences.append(phones)
    if not words:
        raise TextError(f"nothing in the text can be pronounced: {text[:60]!r}")
    return Reading(tuple(sentences), tuple(words))


def _phones(
    tokens: list[Any], words: list[str], pauses: Collection[int], vocab: Collection[str]
) -> tuple[Phone, ...]:
    """The phones of a sentence; its words are put at the end of `words`."""
    phones, name = [Phone("^", None)], ""
    for token in tokens:
        said = [symbol for symbol in token.phonemes or "" if symbol in vocab]
        is_pause = all(symbol in PAUSES for symbol in said)
        if name and is_pause and said:
            words.append(_bare(name))
            name = ""
        phones += [Phone(symbol, None if is_pause else len(words)) for symbol in said]
        name += "" if is_pause else token.text
        if token.whitespace:
            phones += _space(phones[-1], len(words) + bool(name) in pauses)
            words += [_bare(name)] if name else []
            name = ""
    words += [_bare(name)] if name else []
    while phones[-1].symbol == " ":
        phones.pop()
    return (*phones, Phone("$", None))


def _space(last: Phone, pause: bool) -> list[Phone]:
    """What stands between two words: a space, a part of the first; or a pause."""
    if pause and last.word is not None:
        return [Phone(PAUSE, None), Phone(" ", None)]
    return [Phone(" ", last.word)]


def _bare(word: str) -> str:
    """A word without the punctuation around it."""
    return re.sub(r"^\W+|\W+$", "", word) or word
