"""Forced alignment of an English transcript: words and phones with their times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.segmentation.letter_to_sound import letters_to_phones, normalize_word, split_words
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.errors import SegmentationError, require
from prosodytok.types.units import seconds_to_samples

#: Silence added before and after the sound (s); without it, sounds without pauses fail to align.
PADDING = 0.2
#: Natural logarithm of a likelihood ratio of 1 in PocketSphinx's scores.
SCORE_UNIT = 1024 * log(1.0001)
#: Words that an error lists.
SHOWN = 5

Interval = tuple[float, float, str]

_lock = Lock()
#: Words that were added to the dictionary with a pronunciation by rule.
_by_rule: set[str] = set()


@dataclass(frozen=True)
class Alignment:
    """Words and phones of a transcript with their times.

    Parameters
    ----------
    words : tuple of (start, end, word)
        All words of the transcript as written, without pauses; times in seconds.
    phones : tuple of (start, end, phone)
        ARPAbet without stress.
    score : float
        Mean log-likelihood of a frame of the phones, relative to the best phone state at each frame
        among those that the aligner considered: 0 is a perfect fit.
    num_unknown : int
        Words that are not in the English dictionary and were pronounced by rule.
    """

    words: tuple[Interval, ...]
    phones: tuple[Interval, ...]
    score: float = 0.0
    num_unknown: int = 0


def align(audio: Audio, text: str, pronunciations: Mapping[str, str] | None = None) -> Alignment:
    """Align a transcript with PocketSphinx and its English model.

    Words missing in its dictionary are pronounced by English letter-to-sound rules. The acoustic
    model also aligns words of other languages, given pronunciations in English phones
    (`recipes/boundaries` measures the accuracy). Huggins-Daines et al. (2006), "PocketSphinx: a
    free, real-time continuous speech recognition system for hand-held devices".

    Parameters
    ----------
    audio : Audio
        The sound, at most a few minutes.
    text : str
        Its transcript, with numbers in words.
    pronunciations : mapping of str to str, optional
        ARPAbet phones without stress, separated by spaces, of words in lower case; they override
        the dictionary.

    Raises
    ------
    SegmentationError
        If the transcript has no words, contains digits or letters that are not English, or does not
        match the sound.
    MissingExtraError
        If pocketsphinx is not installed.
    """
    labels = split_words(text)
    with _lock:
        decoder = _decoder()
        spoken = _pronounceable(decoder, labels, pronunciations or {})
        num_unknown = sum(word in _by_rule for word in spoken)
        found, score = _decode(decoder, _padded_pcm(audio), spoken)
    if len(found) != len(labels):
        raise SegmentationError("the transcript does not fit the sound: some words were not found")
    words: list[Interval] = []
    phones: list[Interval] = []
    for label, parts in zip(labels, found, strict=True):
        times = [(max(s, 0.0), min(e, audio.duration), phone) for s, e, phone in parts]
        start, end = times[0][0], times[-1][1]
        if start >= end:
            raise SegmentationError(
                f"the transcript does not fit the sound: {label!r} was found outside it"
            )
        words.append((start, end, label))
        phones += [(s, e, phone) for s, e, phone in times if s < e]
    return Alignment(tuple(words), tuple(phones), score, num_unknown)


@cache
def _decoder() -> Any:
    """Load the acoustic model and the dictionary, once."""
    pocketsphinx = require("pocketsphinx", extra="align")
    return pocketsphinx.Decoder(lm=None, loglevel="FATAL")


def _pronounceable(decoder: Any, labels: list[str], pronunciations: Mapping[str, str]) -> list[str]:
    """Normalise words to dictionary entries, and add missing ones to the dictionary."""
    given = [pronunciations.get(label.lower()) for label in labels]
    pairs = list(zip(labels, given, strict=True))
    # A given pronunciation gets its own entry, with a name that is not in the dictionary.
    words = [
        f"{normalize_word(x)}|{phones.replace(' ', '.')}" if phones else normalize_word(x)
        for x, phones in pairs
    ]
    missing = {w: p for w, p in zip(words, given, strict=True) if not decoder.lookup_word(w)}
    guesses = {word: missing[word] or letters_to_phones(word) for word in sorted(missing)}
    unknown = [word for word, phones in guesses.items() if not phones]
    if unknown:
        raise SegmentationError(
            f"no English pronunciation for {', '.join(unknown[:SHOWN])}: only English transcripts "
            "can be aligned; use a TextGrid for other languages"
        )
    for word, phones in guesses.items():
        decoder.add_word(word, phones, True)
    _by_rule.update(word for word in guesses if not missing[word])
    return words


def _padded_pcm(audio: Audio) -> bytes:
    samples = audio.resample(SAMPLE_RATE).samples
    pcm: NDArray[np.int16] = (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)
    return np.pad(pcm, seconds_to_samples(PADDING, SAMPLE_RATE)).tobytes()


def _decode(decoder: Any, pcm: bytes, words: list[str]) -> tuple[list[list[Interval]], float]:
    """Return the phones of each word, in seconds of the unpadded sound, and their mean score."""
    try:
        decoder.set_align_text(" ".join(words))
        _process(decoder, pcm)
        if decoder.hyp() is None:
            raise RuntimeError("no path through all its words")
        decoder.set_alignment()
        _process(decoder, pcm)
    except RuntimeError as error:
        raise SegmentationError(
            f"the transcript does not fit the sound, or the sound is too noisy: {error}"
        ) from error
    rate = decoder.config["frate"]
    # Items of the alignment are only valid within their iteration step.
    found: list[list[Interval]] = []
    frames = score = 0
    for word in decoder.get_alignment():
        if word.name[0] in "<[":
            continue
        found.append([])
        for phone in word:
            start, end = phone.start, phone.start + phone.duration
            found[-1].append((start / rate - PADDING, end / rate - PADDING, phone.name))
            frames, score = frames + phone.duration, score + phone.score
    return found, SCORE_UNIT * score / max(1, frames)


def _process(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    try:
        decoder.process_raw(pcm, full_utt=True)
    finally:
        decoder.end_utt()
