from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation.rates import measure_rates
from prosodytok.types import ProsodyTokens
from tests.evaluation.measured import make_tokens

PREFIXES = ("phrase", "phrase + word", "phrase + word + frame")


def corpus(seed: int | None) -> tuple[list[ProsodyTokens], list[np.ndarray], list[str | None]]:
    rng = np.random.default_rng(7)
    utterances, said = [], []
    for index in range(60):
        inner = np.sort(rng.choice(np.arange(1, 240), size=9, replace=False))
        words = [0, *inner.tolist(), 240]
        tokens = make_tokens(words, [0, words[4], 240], seed=None if seed is None else seed + index)
        utterances.append(tokens)
        said.append(tokens["word"].segmentation.durations / 100)
    return utterances, said, [f"s{i % 6}" for i in range(60)]


def test_fixed_bits_are_those_of_the_tokens() -> None:
    utterances, said, speakers = corpus(0)
    rates = measure_rates(utterances, said, speakers)
    assert tuple(rates.bits) == PREFIXES
    for depth, prefix in enumerate(PREFIXES, 1):
        names = utterances[0].names[:depth]
        for row in (0, 59):
            expected = utterances[row].select(names).bits
            found = {part: bits[row] for part, bits in rates.bits[prefix]["fixed"].items()}
            assert found == pytest.approx(expected)


def test_random_codes_cannot_be_coded_shorter_and_constant_ones_need_nothing() -> None:
    random = measure_rates(*corpus(0)).bits[PREFIXES[2]]
    constant = measure_rates(*corpus(None)).bits[PREFIXES[2]]
    for way in ("unigram", "context"):
        for part in ("word", "frame"):
            fixed = random["fixed"][part].sum()
            assert random[way][part].sum() > 0.98 * fixed
            assert constant[way][part].sum() < 0.02 * fixed


def test_codes_that_say_durations_save_boundaries() -> None:
    utterances, said, speakers = corpus(0)
    exact = measure_rates(utterances, said, speakers)
    vague = measure_rates(utterances, [np.full(10, 0.24)] * 60, speakers)
    assert exact.duration_bits["given_codes"].sum() < 0.4 * vague.duration_bits["given_codes"].sum()
    assert exact.duration_bits["without_codes"] == pytest.approx(vague.duration_bits["given_codes"])
    boundaries = (r.bits["phrase + word"]["context"]["boundaries"].sum() for r in (exact, vague))
    assert next(boundaries) < next(boundaries)


def test_a_frame_code_that_follows_its_word_is_cheap() -> None:
    utterances, said, speakers = corpus(0)
    follow = []
    for tokens in utterances:
        units, cells = tokens["word"].segmentation, tokens["frame"].segmentation
        middles = (cells.boundaries[:-1] + cells.boundaries[1:]) / 2
        code = tokens["word"].codes[0][units.unit_at(middles)]
        frame = replace(tokens["frame"], codes=np.stack([code, code % 4]))
        follow.append(replace(tokens, levels=(*tokens.levels[:2], frame)))
    bits = measure_rates(follow, said, speakers).bits[PREFIXES[2]]
    assert bits["context"]["frame"].sum() < 0.25 * bits["unigram"]["frame"].sum()


def test_one_utterance_alone_is_coded_without_tables() -> None:
    utterances, said, _ = corpus(0)
    bits = measure_rates(utterances[:1], said[:1], [None]).bits["phrase + word"]
    assert bits["unigram"]["word"] == pytest.approx(bits["fixed"]["word"])
    assert np.isfinite(bits["context"]["boundaries"]).all()
