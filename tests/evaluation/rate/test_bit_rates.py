from dataclasses import replace

import numpy as np
import pytest

from prosodytok.evaluation.rate import measure_bits
from prosodytok.types import ProsodyTokens
from tests.evaluation.measurements import make_tokens

PREFIXES = ("phrase", "phrase + word", "phrase + word + frame")


def corpus(seed: int | None) -> tuple[list[ProsodyTokens], list[np.ndarray], list[str | None]]:
    rng = np.random.default_rng(7)
    utterances, durations = [], []
    for index in range(60):
        inner = np.sort(rng.choice(np.arange(1, 240), size=9, replace=False))
        words = [0, *inner.tolist(), 240]
        tokens = make_tokens(words, [0, words[4], 240], seed=None if seed is None else seed + index)
        utterances.append(tokens)
        durations.append(tokens["word"].segmentation.durations / 100)
    return utterances, durations, [f"s{i % 6}" for i in range(60)]


def test_fixed_bits_are_those_of_the_tokens() -> None:
    utterances, durations, speakers = corpus(0)
    found = measure_bits(utterances, durations, speakers)
    assert tuple(found.streams) == PREFIXES
    for depth, prefix in enumerate(PREFIXES, 1):
        names = utterances[0].names[:depth]
        for row in (0, 59):
            expected = utterances[row].select(names).bits
            fixed = {part: bits[row] for part, bits in found.streams[prefix]["fixed"].items()}
            assert fixed == pytest.approx(expected)


def test_random_codes_do_not_compress_and_constant_ones_are_free() -> None:
    random = measure_bits(*corpus(0)).streams[PREFIXES[2]]
    constant = measure_bits(*corpus(None)).streams[PREFIXES[2]]
    for coding in ("unigram", "context"):
        for part in ("word", "frame"):
            fixed = random["fixed"][part].sum()
            assert random[coding][part].sum() > 0.98 * fixed
            assert constant[coding][part].sum() < 0.02 * fixed


def test_codes_of_exact_durations_save_boundary_bits() -> None:
    utterances, durations, speakers = corpus(0)
    exact = measure_bits(utterances, durations, speakers)
    vague = measure_bits(utterances, [np.full(10, 0.24)] * 60, speakers)
    assert exact.durations["given_codes"].sum() < 0.4 * vague.durations["given_codes"].sum()
    assert exact.durations["without_codes"] == pytest.approx(vague.durations["given_codes"])
    boundaries = (r.streams["phrase + word"]["context"]["boundaries"].sum() for r in (exact, vague))
    assert next(boundaries) < next(boundaries)


def test_frame_codes_that_follow_from_words_are_cheap() -> None:
    utterances, durations, speakers = corpus(0)
    follow = []
    for tokens in utterances:
        units, frames = tokens["word"].segmentation, tokens["frame"].segmentation
        middles = (frames.boundaries[:-1] + frames.boundaries[1:]) / 2
        code = tokens["word"].codes[0][units.unit_at(middles)]
        frame = replace(tokens["frame"], codes=np.stack([code, code % 4]))
        follow.append(replace(tokens, levels=(*tokens.levels[:2], frame)))
    bits = measure_bits(follow, durations, speakers).streams[PREFIXES[2]]
    assert bits["context"]["frame"].sum() < 0.25 * bits["unigram"]["frame"].sum()


def test_single_utterance_is_coded_without_tables() -> None:
    utterances, durations, _ = corpus(0)
    bits = measure_bits(utterances[:1], durations[:1], [None]).streams["phrase + word"]
    assert bits["unigram"]["word"] == pytest.approx(bits["fixed"]["word"])
    assert np.isfinite(bits["context"]["boundaries"]).all()
