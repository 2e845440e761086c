from dataclasses import replace

import numpy as np
import pytest

from prosodytok.lm import tokens_to_utterance
from prosodytok.lm.lm_utterance import (
    NUM_DURATIONS,
    durations_to_frames,
    frames_to_durations,
    utterance_to_tokens,
)
from prosodytok.types import ProsodyTokens, Segmentation
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from tests.lm.toy import CONFIG, toy_utterance


def toy_tokens(seed: int) -> ProsodyTokens:
    return utterance_to_tokens(toy_utterance(seed), CONFIG)


@pytest.mark.parametrize("seed", range(5))
def test_conversion_to_tokens_and_back(seed: int) -> None:
    utterance, again = toy_utterance(seed), tokens_to_utterance(toy_tokens(seed), "en-GB")
    assert (again.words, again.language) == (utterance.words, "en")
    for name in ("breaks", "phrase_codes", "durations", "word_codes", "frame_codes"):
        assert np.array_equal(getattr(again, name), getattr(utterance, name)), name


def test_a_pause_lies_in_the_phrase_before_it() -> None:
    words, phrases = toy_utterance(0).layout
    inner = np.flatnonzero(words == 0)[:-1]
    assert inner.size
    assert (phrases[inner + 1] == phrases[inner] + 1).all()
    assert (phrases[inner - 1] == phrases[inner]).all()


def test_durations_keep_a_tenth_of_an_octave() -> None:
    register = Register(word_rate_hz=2.5)
    frames = np.arange(4, 250)
    again = durations_to_frames(frames_to_durations(frames, register), register)
    assert np.abs(np.log2(again / frames)).max() < 0.1 + 0.5 * np.log2(1 + 1 / 4)
    assert frames_to_durations(np.array([1, 10**6]), register).tolist() == [0, NUM_DURATIONS - 1]


@pytest.mark.parametrize("labels", ["", "pauses"])
def test_tokens_without_words_are_refused(labels: str) -> None:
    tokens = toy_tokens(0)
    word = tokens["word"]
    texts = ("",) * len(word) if not labels else ("", "", *word.segmentation.labels[2:])
    bare = replace(word, segmentation=Segmentation(word.segmentation.boundaries, texts))
    with pytest.raises(TokenError, match="labelled words"):
        tokens_to_utterance(replace(tokens, levels=(tokens["phrase"], bare, tokens["frame"])))


def test_all_levels_are_needed() -> None:
    with pytest.raises(TokenError, match="no level 'frame'"):
        tokens_to_utterance(toy_tokens(0).select(["phrase", "word"]))
