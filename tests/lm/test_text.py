import pytest

from prosodytok.lm import split_text
from prosodytok.lm.text import LONGEST_WORD, PAD, SILENCE, UNKNOWN, alphabet_of, letters_of, spell
from prosodytok.types.errors import TokenError


def test_words_keep_the_marks_behind_them() -> None:
    text = "\u201eNein\u201c, don\u2019t \u2013 a-b \u2026 Тут!"
    assert split_text(text) == ["Nein\u201c,", "don't \u2013", "a-", "b \u2026", "Тут!"]


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(TokenError, match="no words"):
        split_text(" ... ")


def test_letters_are_folded_and_long_words_cut() -> None:
    assert letters_of("Élan,") == "elan,"
    assert len(letters_of("x" * 100)) == LONGEST_WORD


def test_spelling() -> None:
    alphabet = alphabet_of(["ab", "ba,"])
    letters, lengths = spell(["", "bä", "z"], alphabet)
    assert alphabet == ",ab"
    assert lengths.tolist() == [2, 3, 2]
    assert letters.tolist() == [SILENCE, PAD, UNKNOWN + 3, UNKNOWN + 2, PAD, UNKNOWN, PAD]
