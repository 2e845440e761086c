"""How words of other languages sound in the English phones that the aligner knows.

eSpeak NG (Debian's package ``espeak-ng``) gives a word's phones in IPA; each becomes the nearest
phones of ARPAbet. What counts is that the edges of words are found, not that the vowels are right.
"""

# ruff: noqa: RUF001 (letters of the phonetic alphabet)

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

#: eSpeak's names of the languages.
VOICES = {"de": "de", "nl": "nl", "ru": "ru"}

#: ARPAbet of IPA, stress, length and palatalisation taken off; the longest that fits is taken.
ARPABET = {
    "a": "AA", "ɑ": "AA", "ɐ": "AH", "ʌ": "AH", "ɜ": "AH", "ə": "AH", "e": "EY", "ɛ": "EH",
    "ɪ": "IH", "i": "IY", "y": "IY", "o": "OW", "ɔ": "AO", "ɒ": "AA", "u": "UW", "ʊ": "UH",
    "ø": "ER", "œ": "ER", "ɵ": "AH", "aɪ": "AY", "aʊ": "AW", "ɔø": "OY", "ɔɪ": "OY", "ɛɪ": "EY",
    "eɪ": "EY", "œy": "AW", "ʌʊ": "AW", "əʊ": "OW", "b": "B", "ç": "SH", "ɕ": "SH", "d": "D",
    "dʒ": "JH", "f": "F", "ɡ": "G", "ɣ": "HH", "h": "HH", "j": "Y", "ʝ": "Y", "k": "K", "l": "L",
    "ɭ": "L", "m": "M", "n": "N", "ɲ": "N Y", "ŋ": "NG", "p": "P", "pf": "P F", "r": "R",
    "ɾ": "R", "ɹ": "R", "s": "S", "ʃ": "SH", "t": "T", "ts": "T S", "tʃ": "CH", "v": "V",
    "ʋ": "V", "w": "W", "x": "HH", "z": "Z", "ʒ": "ZH", "ʑ": "SH", "?": "T",
}  # fmt: skip
#: Marks that change a phone too little to matter, and eSpeak's "(en)": here it changes language.
IGNORED = re.compile(r"\(\w+\)|[ˈˌːʲ\"^\u0303_ ]")


def pronounce(words: Iterable[str], language: str) -> dict[str, str]:
    """ARPAbet phones of words in lower case; those that eSpeak cannot say are left out.

    Raises
    ------
    FileNotFoundError
        If eSpeak NG is not installed.
    """
    ordered = sorted(set(words))
    command = ["espeak-ng", "-q", "-v", VOICES[language], "--ipa"]
    said = subprocess.run(
        command, input="\n".join(ordered), capture_output=True, encoding="utf-8", check=True,
        env={"LC_ALL": "C.UTF-8"},
    ).stdout.strip("\n").split("\n")  # fmt: skip
    if len(said) != len(ordered):
        raise ValueError(f"eSpeak said {len(said)} of {len(ordered)} words")
    phones = zip(ordered, map(ipa_to_arpabet, said), strict=True)
    return {word: spoken for word, spoken in phones if spoken}


def ipa_to_arpabet(ipa: str) -> str:
    """ARPAbet phones, separated by spaces, of a word in IPA; unknown letters are passed over."""
    rest, phones = IGNORED.sub("", ipa), []
    while rest:
        longest = next((n for n in (2, 1) if rest[:n] in ARPABET), 1)
        phones += ARPABET.get(rest[:longest], "").split()
        rest = rest[longest:]
    return " ".join(phones)
