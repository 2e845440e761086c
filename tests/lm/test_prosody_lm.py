"""The bundled model with its tokenizer."""

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
import pytest

from prosodytok import ProsodyTokenizer, ProsodyTokens, Register
from prosodytok.io import to_dict
from prosodytok.lm import ProsodyLM, coarse_contours
from prosodytok.lm.lm_weights import BUNDLED
from prosodytok.types.errors import CheckpointError, ConfigError, TokenError
from prosodytok.types.units import hz_to_semitones
from tests.torch_settings import SETTINGS

WORDS = ["She", "opened", "the", "door,", "looked", "around,", "and", "said", "nothing."]


@pytest.fixture(scope="module")
def lm() -> ProsodyLM:
    return ProsodyLM.from_pretrained("lm")


@pytest.fixture(scope="module")
def tokenizer(lm: ProsodyLM) -> ProsodyTokenizer:
    return lm.tokenizer


def spoken(tokens: ProsodyTokens) -> list[str]:
    return [label for label in tokens["word"].segmentation.labels if label]


def test_generated_tokens_decode(lm: ProsodyLM, tokenizer: ProsodyTokenizer) -> None:
    samples = [lm.generate(WORDS, seed=seed, top_p=0.95) for seed in range(3)]
    records = []
    for tokens in samples:
        assert spoken(tokens) == WORDS
        assert tokens.names == ("phrase", "word", "frame")
        prosody = tokenizer.decode(tokens)
        assert 1 < prosody.num_frames / 100 < 10
        st = hz_to_semitones(prosody.f0[prosody.voiced], tokens.register.f0_median_hz)
        assert np.abs(np.median(st)) < 6
        records.append(to_dict(tokens))
    assert all(a != b for a, b in itertools.combinations(records, 2))


def test_a_seed_repeats(lm: ProsodyLM) -> None:
    first, again = (to_dict(lm.generate(WORDS[:4], seed=5)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_in_any_program(lm: ProsodyLM, settings: Callable[[], AbstractContextManager]) -> None:
    expected = lm.generate(WORDS[:3], seed=5)
    bits = lm.bits(expected)
    with settings():
        assert to_dict(lm.generate(WORDS[:3], seed=5)) == to_dict(expected)
        assert to_dict(ProsodyLM.from_pretrained().generate(WORDS[:3], seed=5)) == to_dict(expected)
        for name, of_stage in lm.bits(expected).items():
            np.testing.assert_array_equal(of_stage, bits[name])


def test_greedy_needs_no_seed_and_is_top_1(lm: ProsodyLM) -> None:
    generated = [
        to_dict(lm.generate(WORDS[:4], **options))
        for options in (
            {"temperature": 0.0},
            {"temperature": 0.0, "seed": 9},
            {"top_k": 1, "seed": 3},
        )
    ]
    assert generated[0] == generated[1] == generated[2]


def test_greedy_takes_the_fewest_bits(lm: ProsodyLM) -> None:
    tokens = lm.generate(WORDS[:4], temperature=0.0)
    samples = [lm.generate(WORDS[:4], seed=seed) for seed in range(3)]
    total = [sum(np.nanmean(x) for x in lm.bits(t).values()) for t in (tokens, *samples)]
    assert total[0] < min(total[1:])


@pytest.mark.parametrize("levels", [("phrase",), ("phrase", "word"), ("word",)])
def test_levels_can_be_left_out(
    lm: ProsodyLM, tokenizer: ProsodyTokenizer, levels: tuple[str, ...]
) -> None:
    tokens = lm.generate(WORDS, levels=levels, seed=1)
    assert tokens.names == levels
    full = lm.generate(WORDS, seed=1)
    for name in levels:
        assert np.array_equal(tokens[name].codes, full[name].codes)
    assert tokenizer.decode(tokens).num_frames == tokens.num_frames


def test_the_register_sets_the_voice_and_the_tempo(
    lm: ProsodyLM, tokenizer: ProsodyTokenizer
) -> None:
    slow, fast = (
        lm.generate(WORDS, register=Register(110, word_rate_hz=rate), top_p=0.9)
        for rate in (1.5, 4.0)
    )
    assert slow.duration > 1.5 * fast.duration
    prosody = tokenizer.decode(fast)
    assert 70 < np.median(prosody.f0[prosody.voiced]) < 160


@pytest.mark.parametrize(("text", "language"), [("Wie geht es dir?", "de"), ("今日は", "ja")])
def test_any_text(lm: ProsodyLM, text: str, language: str) -> None:
    assert "".join(spoken(lm.generate(text, language=language))) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("words", "reason"),
    [([], "no words"), ("?!", "no words"), (["so", "--"], "no letter"), (["a"] * 1001, "1001")],
)
def test_words_that_cannot_be_spoken(lm: ProsodyLM, words: list[str], reason: str) -> None:
    with pytest.raises(TokenError, match=reason):
        lm.generate(words)


@pytest.mark.parametrize("levels", [("syllable",), (), "words"])
def test_unknown_levels(lm: ProsodyLM, levels: tuple[str, ...]) -> None:
    with pytest.raises(TokenError, match="phrase, word, frame"):
        lm.generate(WORDS, levels=levels)


@pytest.mark.parametrize("options", [{"temperature": -1.0}, {"top_k": 0}, {"top_p": 2.0}])
def test_sampling_options_out_of_range(lm: ProsodyLM, options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        lm.generate(WORDS, **options)


def test_contours_are_what_phrases_and_words_decode_to(
    lm: ProsodyLM, tokenizer: ProsodyTokenizer
) -> None:
    tokens = [lm.generate(WORDS[:count], seed=count) for count in (2, 7)]
    for own, contour in zip(tokens, coarse_contours(tokenizer, tokens), strict=True):
        coarse = tokenizer.decode(own, ["phrase", "word"])
        assert contour.shape == (len(own["frame"]), 24)
        f0, voiced, _ = contour.reshape(-1, 3)[: own.num_frames].T
        st = hz_to_semitones(coarse.f0, own.register.f0_median_hz)
        assert np.allclose(f0 * own.register.f0_spread_st, st, atol=1e-3)
        assert np.array_equal(voiced > 0.5, coarse.voiced)


def test_the_frame_stage_depends_on_words_and_phrases(lm: ProsodyLM) -> None:
    tokens = lm.generate(WORDS, seed=1)
    level = tokens["word"]
    other = replace(level, codes=np.roll(level.codes, 1, axis=1))
    changed = replace(tokens, levels=tuple(other if x is level else x for x in tokens.levels))
    assert lm.bits(changed)["frame"].mean() > lm.bits(tokens)["frame"].mean()


def test_another_tokenizer_is_refused() -> None:
    melody = ProsodyTokenizer.from_pretrained("melody")
    with pytest.raises(CheckpointError, match=r"'base@.*'melody@.*: load 'base-2'"):
        ProsodyLM.from_pretrained(tokenizer=melody)


def test_bits_are_those_of_the_tokenizers_tokens_only(lm: ProsodyLM) -> None:
    melody = ProsodyTokenizer.from_pretrained("melody").checkpoint
    with pytest.raises(TokenError, match="other meanings: load 'melody'"):
        lm.bits(replace(lm.generate(WORDS[:2]), checkpoint=melody))


def test_the_bundled_weights_are_small_and_fit_a_bundled_tokenizer(lm: ProsodyLM) -> None:
    assert sum(f.stat().st_size for f in (BUNDLED / "lm").iterdir()) < 5e6
    assert lm.config.codebook_sizes == {
        level.name: level.codebook_sizes for level in lm.tokenizer.config.levels
    }
    named = ProsodyTokenizer.from_pretrained("base-2")
    tokens = lm.generate(WORDS[:3], seed=2)
    np.testing.assert_array_equal(named.decode(tokens).f0, lm.tokenizer.decode(tokens).f0)
