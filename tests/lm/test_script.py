from dataclasses import replace

import numpy as np
import pytest

from prosodytok.lm import script_of
from prosodytok.lm.durations import NUM_DURATIONS, durations_to_frames, frames_to_durations
from prosodytok.lm.script import tokens_of
from prosodytok.types import ProsodyTokens, Segmentation
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from tests.lm.toy import CONFIG, toy_script


def toy_tokens(seed: int) -> ProsodyTokens:
    return tokens_of(toy_script(seed), CONFIG)


@pytest.mark.parametrize("seed", range(5))
def test_tokens_and_scripts_are_the_same_thing(seed: int) -> None:
    script, again = toy_script(seed), script_of(toy_tokens(seed), "en-GB")
    assert (again.words, again.language) == (script.words, "en")
    for name in ("breaks", "phrases", "durations", "units", "cells"):
        assert np.array_equal(getattr(again, name), getattr(script, name)), name


def test_a_pause_lies_in_the_phrase_before_it() -> None:
    script = toy_script(0)
    words, phrases = script.layout
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
        script_of(replace(tokens, levels=(tokens["phrase"], bare, tokens["frame"])))


def test_all_levels_are_needed() -> None:
    with pytest.raises(TokenError, match="no level 'frame'"):
        script_of(toy_tokens(0).select(["phrase", "word"]))
