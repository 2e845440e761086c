"""Search of codes by their decoded prosody; tests/tokenizer/test_bundled.py uses real speech."""

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
    """The same tokens with another code of a one-unit level."""
    levels = [replace(x, codes=np.array([[code]])) if x.name == name else x for x in tokens.levels]
    return replace(tokens, levels=tuple(levels))


def test_search_reduces_the_cost(tokenizer: ProsodyTokenizer, greedy: ProsodyTokenizer) -> None:
    """On average: windows of neighbours overlap, so single utterances may be worse."""
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
def test_a_single_unit_gets_the_best_code(
    tokenizer: ProsodyTokenizer, monkeypatch: pytest.MonkeyPatch, name: str, num_frames: int
) -> None:
    """Against brute force, with all codes as candidates."""
    monkeypatch.setattr(tokenizer.network.quantizer(name), "num_candidates", 256)
    example = one_unit(num_frames)
    (tokens,) = tokenizer.encode_batch([example])
    known = tokens.select(LEVELS[: LEVELS.index(name) + 1])
    found = costs(tokenizer, example, [with_code(known, name, code) for code in range(256)])
    assert found[tokens[name].codes.item()] == pytest.approx(min(found), rel=1e-5)


def test_each_word_gets_its_best_code_given_the_nearest_of_others(
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
    """As in long sounds, whose candidates are not decoded in one batch."""
    example = random_example(np.random.default_rng(7), 300)
    (together,) = tokenizer.encode_batch([example])
    monkeypatch.setattr(search, "STEPS_AT_ONCE", 1)
    (alone,) = tokenizer.encode_batch([example])
    assert to_dict(alone) == to_dict(together)
