"""Text as an input of the language model: words as written, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor

from prosodytok.segmentation.letter_to_sound import normalize_word
from prosodytok.types.errors import TokenError

#: Maximum number of letters of a word; the middle of a longer word is left out.
LONGEST_WORD = 24
#: Ids without a letter: padding, silence (the only "letter" of a pause), and unknown letters.
PAD, SILENCE, UNKNOWN = range(3)


def split_text(text: str) -> list[str]:
    """Split a text into words as written, each with the punctuation that follows it.

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


def word_to_letters(word: str) -> str:
    """Letters and punctuation of a word, in lower case, without accents, at most `LONGEST_WORD`."""
    letters = normalize_word(word.replace("\u2019", "'"))
    half = LONGEST_WORD // 2
    return letters if len(letters) <= LONGEST_WORD else letters[:half] + letters[-half:]


def collect_alphabet(words: Iterable[str]) -> str:
    """All letters of some words, each once, sorted."""
    return "".join(sorted({letter for word in words for letter in word_to_letters(word)}))


def words_to_letter_ids(words: Iterable[str], alphabet: str) -> tuple[Tensor, Tensor]:
    """Letter ids of W words, concatenated, (S,), and the number of ids of each word, (W,).

    Each word is followed by `PAD`, which counts too; a pause (``""``) is `SILENCE`.
    """
    ids = {letter: number for number, letter in enumerate(alphabet, start=UNKNOWN + 1)}
    rows = [
        [*([ids.get(letter, UNKNOWN) for letter in word_to_letters(word)] or [SILENCE]), PAD]
        for word in words
    ]
    return torch.tensor([letter for row in rows for letter in row]), torch.tensor(
        [len(row) for row in rows]
    )
