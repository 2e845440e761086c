"""Pronunciations of non-English words in the English phones of the aligner.

eSpeak NG (Debian's package ``espeak-ng``) outputs the phones of a word in IPA, and each is mapped
to the nearest ARPAbet phones. The mapping serves to find the edges of words; the quality of the
vowels does not matter.
"""

# ruff: noqa: RUF001 (letters of the phonetic alphabet)

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable

#: eSpeak voices by language.
VOICES = {"de": "de", "nl": "nl", "ru": "ru"}

#: ARPAbet phones of IPA letters without stress, length and palatalisation; longest match first.
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
#: Ignored marks: modifications too small to matter, and eSpeak's language switches such as "(en)".
IGNORED = re.compile(r"\(\w+\)|[ˈˌːʲ\"^\u0303_ ]")


def pronounce(words: Iterable[str], language: str) -> dict[str, str]:
    """ARPAbet phones of words in lower case; words without output of eSpeak NG are left out.

    Raises `ValueError` if the number of words in eSpeak's output differs.
    """
    ordered = sorted(set(words))
    command = ["espeak-ng", "-q", "-v", VOICES[language], "--ipa"]
    output = subprocess.run(
        command, input="\n".join(ordered), capture_output=True, encoding="utf-8", check=True,
        env={"LC_ALL": "C.UTF-8"},
    ).stdout.strip("\n").split("\n")  # fmt: skip
    if len(output) != len(ordered):
        raise ValueError(f"eSpeak output {len(output)} of {len(ordered)} words")
    pairs = zip(ordered, map(ipa_to_arpabet, output), strict=True)
    return {word: phones for word, phones in pairs if phones}


def ipa_to_arpabet(ipa: str) -> str:
    """ARPAbet phones, separated by spaces, of a word in IPA; unknown letters are skipped."""
    rest, phones = IGNORED.sub("", ipa), []
    while rest:
        longest = next((n for n in (2, 1) if rest[:n] in ARPABET), 1)
        phones += ARPABET.get(rest[:longest], "").split()
        rest = rest[longest:]
    return " ".join(phones)
