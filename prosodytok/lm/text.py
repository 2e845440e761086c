"""Text as the language model reads it: words as they are written, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor

from prosodytok.segmentation.letter_to_sound import normalize_word
from prosodytok.types.errors import TokenError

#: Letters of a word that are read; of longer ones the middle is left out.
LONGEST_WORD = 24
#: Ids that are no letter: padding, silence (the only "letter" of a pause), and letters not known.
PAD, SILENCE, UNKNOWN = range(3)


def split_text(text: str) -> list[str]:
    """Split a text into words as they are written: each keeps the punctuation that follows it.

    Raises
    ------
    TokenError
        If there is no word.
    """
    text = text.replace("\u2019", "'").replace("_", " ")
    words = [found.strip() for found in re.findall(r"\w+(?:'\w+)*[^\w]*", text)]
    if not words:
        raise TokenError("the text has no words")
    return words


def letters_of(word: str) -> str:
    """The letters and marks of a word that are read, in lower case and without accents."""
    letters = normalize_word(word.replace("\u2019", "'"))
    half = LONGEST_WORD // 2
    return letters if len(letters) <= LONGEST_WORD else letters[:half] + letters[-half:]


def alphabet_of(words: Iterable[str]) -> str:
    """All letters of some words, each once, in order."""
    return "".join(sorted({letter for word in words for letter in letters_of(word)}))


def spell(words: Iterable[str], alphabet: str) -> tuple[Tensor, Tensor]:
    """Letters of W words as ids, in one row.

    Returns
    -------
    (S,) int64
        The letters of one word after the other, a `PAD` behind each word; a pause (``""``) is
        `SILENCE`.
    (W,) int64
        How many of them each word has, the `PAD` included.
    """
    ids = {letter: number for number, letter in enumerate(alphabet, start=UNKNOWN + 1)}
    rows = [
        [*([ids.get(letter, UNKNOWN) for letter in letters_of(word)] or [SILENCE]), PAD]
        for word in words
    ]
    return torch.tensor([letter for row in rows for letter in row]), torch.tensor(
        [len(row) for row in rows]
    )
