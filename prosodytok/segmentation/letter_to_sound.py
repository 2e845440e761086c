"""English text normalisation and letter-to-sound rules for alignment."""

from __future__ import annotations

import re
import unicodedata

from prosodytok.types.errors import SegmentationError

#: Phones (ARPAbet) of letter groups, for words missing in the dictionary; ``$`` is the word end.
#: The longest matching group applies, as in Elovitz et al. (1976), "Letter-to-sound rules for
#: automatic translation of English text to phonetics", with far fewer rules, which suffice for
#: alignment.
GRAPHEMES = {
    "$": "", "'": "", "a": "AE", "ai": "EY", "ar": "AA R", "au": "AO", "aw": "AO", "ay": "EY",
    "b": "B", "c": "K", "ce": "S EH", "ce$": "S", "ch": "CH", "ci": "S IH", "ck": "K", "cy": "S IY",
    "d": "D", "dge": "JH", "e": "EH", "e$": "", "ea": "IY", "ed$": "D", "ee": "IY", "ei": "EY",
    "eigh": "EY", "er": "ER", "es$": "Z", "ew": "UW", "ey": "IY", "f": "F", "g": "G", "ge": "JH EH",
    "ge$": "JH", "gh": "", "h": "HH", "i": "IH", "ie": "IY", "igh": "AY", "ir": "ER", "j": "JH",
    "k": "K", "kn": "N", "l": "L", "le$": "AH L", "m": "M", "n": "N", "ng": "NG", "o": "AA",
    "oa": "OW", "oi": "OY", "oo": "UW", "or": "AO R", "ou": "AW", "ough": "AO", "ow": "OW",
    "oy": "OY", "p": "P", "ph": "F", "q": "K", "qu": "K W", "r": "R", "s": "S", "sh": "SH",
    "sion": "ZH AH N", "t": "T", "tch": "CH", "th": "TH", "tion": "SH AH N", "u": "AH", "ue": "UW",
    "ur": "ER", "v": "V", "w": "W", "wh": "W", "x": "K S", "y": "Y", "y$": "IY", "z": "Z",
}  # fmt: skip
LONGEST_GRAPHEME = max(map(len, GRAPHEMES))


def split_words(text: str) -> list[str]:
    """Split a transcript into its words, without punctuation.

    Raises
    ------
    SegmentationError
        If there are no words, or there are digits, whose pronunciation is ambiguous.
    """
    words = re.findall(r"\w+(?:'\w+)*", text.replace("\u2019", "'").replace("_", " "))
    numbers = [word for word in words if re.search(r"\d", word)]
    if numbers:
        raise SegmentationError(
            f"the transcript has digits ({', '.join(numbers)}): write them as they are spoken"
        )
    if not words:
        raise SegmentationError("the transcript has no words")
    return words


def normalize_word(word: str) -> str:
    """Lower-case a word and remove its accents, as in the dictionary."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def letters_to_phones(word: str) -> str:
    """Predict the pronunciation of a normalised word by rules.

    Returns
    -------
    str
        ARPAbet phones separated by spaces; empty if a letter is not English or all are silent.
    """
    rest = re.sub(r"([^aeiou])\1", r"\1", word) + "$"
    phones: list[str] = []
    while rest:
        lengths = range(min(LONGEST_GRAPHEME, len(rest)), 0, -1)
        grapheme = next((rest[:n] for n in lengths if rest[:n] in GRAPHEMES), None)
        if grapheme is None:
            return ""
        phones += GRAPHEMES[grapheme].split()
        rest = rest[len(grapheme) :]
    return " ".join(phones)
