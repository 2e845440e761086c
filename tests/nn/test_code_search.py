"""Codes chosen by what they decode to; tests/model/test_bundled.py does so on real speech."""

from dataclasses import replace

import numpy as np
import pytest

from prosodytok.io import to_dict
from prosodytok.nn import code_search as search
from prosodytok.nn.batch import Example
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import LEVELS, Hierarchy, ProsodyTokens, Register, Segmentation
from tests.nn.examples import costs, random_example, random_prosody


def one_unit(num_frames: int) -> Example:
    """An utterance that is one phrase, one word and, up to 8 frames, one frame token."""
    prosody = random_prosody(np.random.default_rng(num_frames), num_frames)
    hierarchy = Hierarchy.from_words(Segmentation.unlabelled([0, num_frames]), [0], "acoustic")
    return Example(prosody, hierarchy, Register.estimate(prosody))


def with_code(tokens: ProsodyTokens, name: str, code: int) -> ProsodyTokens:
    """The same tokens but for the one code of a level."""
    levels = [replace(x, codes=np.array([[code]])) if x.name == name else x for x in tokens.levels]
    return replace(tokens, levels=tuple(levels))


def test_searched_tokens_decode_nearer_than_the_nearest_codes(
    tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer
) -> None:
    """On the whole: windows of neighbours overlap, so a single utterance may come out worse."""
    examples = [random_example(np.random.default_rng(seed), 400) for seed in range(5)]
    for names in (LEVELS[:2], LEVELS):
        both = [
            [t.encode_batch([e])[0].select(names) for t in (tokenizer, greedy)] for e in examples
        ]
        found = [costs(tokenizer, e, pair) for e, pair in zip(examples, both, strict=True)]
        ours, theirs = np.sum(found, axis=0)
        assert ours < theirs


def test_phrases_are_not_searched(tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer) -> None:
    example = random_example(np.random.default_rng(5), 900)
    (searched,), (nearest,) = (t.encode_batch([example]) for t in (tokenizer, greedy))
    np.testing.assert_array_equal(searched["phrase"].codes, nearest["phrase"].codes)
    assert (searched["word"].codes != nearest["word"].codes).any()
    assert (searched["frame"].codes != nearest["frame"].codes).any()


@pytest.mark.parametrize("name", ["word", "frame"])
@pytest.mark.parametrize("num_frames", [1, 8])
def test_a_lone_unit_takes_the_best_of_all_codes(
    tokenizer: ProsodyTokenizer, monkeypatch: pytest.MonkeyPatch, name: str, num_frames: int
) -> None:
    """Against brute force, when as many candidates are tried as there are codes."""
    monkeypatch.setattr(tokenizer.network.quantizer(name), "num_candidates", 256)
    example = one_unit(num_frames)
    (tokens,) = tokenizer.encode_batch([example])
    known = tokens.select(LEVELS[: LEVELS.index(name) + 1])
    found = costs(tokenizer, example, [with_code(known, name, code) for code in range(256)])
    assert found[tokens[name].codes.item()] == pytest.approx(min(found), rel=1e-5)


def test_each_word_takes_its_best_code_while_the_others_keep_their_nearest(
    tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer.network.quantizer("word"), "num_candidates", 256)
    for setting, value in ((search.SEARCH_REACH, 161), (search.STRIDE, 4)):
        monkeypatch.setitem(setting, "word", value)
    words = Segmentation.unlabelled([0, 50, 77, 120, 161])
    prosody = random_prosody(np.random.default_rng(6), 161)
    hierarchy = Hierarchy.from_words(words, [0], "acoustic")
    example = Example(prosody, hierarchy, Register.estimate(prosody))
    (searched,), (nearest,) = (t.encode_batch([example]) for t in (tokenizer, greedy))
    coarse = nearest.select(["phrase", "word"])
    word = coarse["word"]
    for unit, code in enumerate(searched["word"].codes[0]):
        tried = []
        for other in range(256):
            codes = word.codes.copy()
            codes[0, unit] = other
            tried.append(replace(coarse, levels=(coarse["phrase"], replace(word, codes=codes))))
        found = costs(tokenizer, example, tried)
        assert found[code] == pytest.approx(min(found), rel=1e-5)


def test_decoding_rows_one_at_a_time_gives_the_same_codes(
    tokenizer: ProsodyTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a sound that is so long that candidates are not decoded together."""
    example = random_example(np.random.default_rng(7), 300)
    (together,) = tokenizer.encode_batch([example])
    monkeypatch.setattr(search, "STEPS_AT_ONCE", 1)
    (alone,) = tokenizer.encode_batch([example])
    assert to_dict(alone) == to_dict(together)
