import pytest

from prosodytok.lm import split_text
from prosodytok.lm.spelling import (
    LONGEST_WORD,
    PAD,
    SILENCE,
    UNKNOWN,
    collect_alphabet,
    word_to_letters,
    words_to_letter_ids,
)
from prosodytok.types.errors import TokenError


def test_words_keep_the_marks_behind_them() -> None:
    text = "\u201eNein\u201c, don\u2019t \u2013 a-b \u2026 Тут!"
    assert split_text(text) == ["Nein\u201c,", "don't \u2013", "a-", "b \u2026", "Тут!"]


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(TokenError, match="no words"):
        split_text(" ... ")


def test_letters_are_folded_and_long_words_cut() -> None:
    assert word_to_letters("Élan,") == "elan,"
    assert len(word_to_letters("x" * 100)) == LONGEST_WORD


def test_spelling() -> None:
    alphabet = collect_alphabet(["ab", "ba,"])
    letters, lengths = words_to_letter_ids(["", "bä", "z"], alphabet)
    assert alphabet == ",ab"
    assert lengths.tolist() == [2, 3, 2]
    assert letters.tolist() == [SILENCE, PAD, UNKNOWN + 3, UNKNOWN + 2, PAD, UNKNOWN, PAD]
