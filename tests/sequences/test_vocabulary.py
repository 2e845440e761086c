"""Sequences for language models: exact round trips, the grammar, and invalid sequences."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.sequences import ProsodyVocabulary
from prosodytok.types import LEVELS, ProsodyTokens, TokenLevel
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.segmentation import Segmentation
from prosodytok.types.units import MAX_FRAMES
from tests.sequences.strategies import SUBSETS, assert_same, make_tokens, prosody_tokens

SIZES = {"phrase": (8,), "word": (16, 4), "frame": (32,)}
VOCABULARY = ProsodyVocabulary(SIZES)


def sequence_fields(tokens):
    """Only the fields that a sequence, a register and labels determine."""
    return ProsodyTokens(tokens.levels, tokens.register, tokens.num_frames)


def labels_of(tokens):
    return {level.name: level.segmentation.labels for level in tokens.levels}


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
@given(data=st.data())
def test_round_trip_of_ids_and_string(names, data):
    tokens = sequence_fields(data.draw(prosody_tokens(names)))
    vocabulary = ProsodyVocabulary.of(tokens)
    ids = vocabulary.to_ids(tokens)
    assert_same(vocabulary.from_ids(ids, tokens.register, labels_of(tokens)), tokens)
    text = vocabulary.to_string(tokens)
    assert vocabulary.string_to_ids(text) == ids
    assert_same(vocabulary.from_string(text, tokens.register, labels_of(tokens)), tokens)


@given(prosody_tokens(LEVELS))
def test_one_vocabulary_reads_every_subset(tokens):
    vocabulary = ProsodyVocabulary.of(tokens)
    for names in SUBSETS:
        part = sequence_fields(tokens).select(names)
        loaded = vocabulary.from_ids(vocabulary.to_ids(part), part.register, labels_of(part))
        assert_same(loaded, part)


@given(st.lists(st.integers(1, MAX_FRAMES // 5), min_size=1, max_size=5))
def test_durations_of_any_length(durations):
    edges = np.cumsum([0, *durations])
    level = TokenLevel("word", np.zeros((1, len(durations))), (1,), Segmentation.unlabelled(edges))
    tokens = ProsodyTokens((level,), Register(), int(edges[-1]))
    vocabulary = ProsodyVocabulary.of(tokens)
    assert_same(vocabulary.from_ids(vocabulary.to_ids(tokens), Register()), tokens)


@pytest.mark.parametrize(
    ("frames", "spelling"),
    [
        (1, "<dur_1>"),
        (100, "<dur_100>"),
        (101, "<long_1><dur_1>"),
        (200, "<long_1><dur_100>"),
        (237, "<long_2><dur_37>"),
        (10_100, "<long_100><dur_100>"),
        (10_101, "<long_1><long_1><dur_1>"),
        (MAX_FRAMES, "<long_8><long_63><long_99><dur_100>"),
    ],
)
def test_spelling_of_durations(frames, spelling):
    tokens = make_tokens((0, frames), ("",), (0, frames), names=["word"])
    assert VOCABULARY.to_string(tokens) == (
        f"<prosody><levels_word><word_0_1><word_1_2>{spelling}</prosody>"
    )


def test_sequence_of_an_example():
    tokens = make_tokens((0, 3, 13, 20), ("a", "b", ""), (0, 13, 20))
    assert VOCABULARY.to_string(tokens) == (
        "<prosody><levels_phrase_word_frame>"
        "<phrase_0_1><word_0_1><word_1_2><dur_3>"
        "<word_0_2><word_1_3><dur_10><frame_0_1><frame_0_2>"
        "<phrase_0_2><word_0_3><word_1_0><dur_7><frame_0_3>"
        "</prosody>"
    )
    assert VOCABULARY.to_string(tokens.select(["phrase", "frame"])) == (
        "<prosody><levels_phrase_frame>"
        "<phrase_0_1><dur_13><frame_0_1><frame_0_2><phrase_0_2><dur_7><frame_0_3></prosody>"
    )
    assert VOCABULARY.to_string(tokens.select(["frame"])) == (
        "<prosody><levels_frame><frame_0_1><frame_0_2><frame_0_3><dur_4></prosody>"
    )


@given(prosody_tokens(("word", "frame")))
def test_a_frame_token_follows_the_word_at_its_centre(tokens):
    vocabulary = ProsodyVocabulary.of(tokens)
    word, frame = vocabulary.codebooks["word"][0], vocabulary.codebooks["frame"][0]
    owners, current = [], -1
    for token in vocabulary.to_ids(tokens):
        current += token in word
        if token in frame:
            owners.append(current)
    centres = np.arange(len(tokens["frame"])) * 8 + 4
    np.testing.assert_array_equal(owners, tokens["word"].segmentation.unit_at(centres))


def test_vocabulary_layout():
    vocabulary = VOCABULARY
    assert len(vocabulary) == len(vocabulary.tokens) == 210 + 8 + 16 + 4 + 32
    assert len(set(vocabulary.tokens)) == len(vocabulary)
    assert vocabulary.tokens[:10] == [
        "<prosody_pad>",
        "<prosody>",
        "</prosody>",
        "<levels_phrase>",
        "<levels_word>",
        "<levels_frame>",
        "<levels_phrase_word>",
        "<levels_phrase_frame>",
        "<levels_word_frame>",
        "<levels_phrase_word_frame>",
    ]
    assert (vocabulary.pad_id, vocabulary.start_id, vocabulary.end_id) == (0, 1, 2)
    assert vocabulary.tokens[10] == "<dur_1>"
    assert vocabulary.tokens[110] == "<long_1>"
    assert vocabulary.tokens[210] == "<phrase_0_0>"
    ranges = [r for books in vocabulary.codebooks.values() for r in books]
    assert ranges[0].start == 210
    assert ranges[-1].stop == len(vocabulary)
    assert all(a.stop == b.start for a, b in pairwise(ranges))
    for name, books in vocabulary.codebooks.items():
        for book, ids in enumerate(books):
            expected = [f"<{name}_{book}_{code}>" for code in range(len(ids))]
            assert vocabulary.tokens[ids.start : ids.stop] == expected
    assert not any(any(c.isspace() for c in token) for token in vocabulary.tokens)


def test_levels_are_sorted_coarse_to_fine():
    backwards = ProsodyVocabulary(dict(reversed(SIZES.items())))
    assert backwards == VOCABULARY
    assert backwards.tokens == VOCABULARY.tokens
    assert ProsodyVocabulary.of(make_tokens()) == VOCABULARY


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({}, "needs levels"),
        ({"syllable": (4,)}, "needs levels .* got .*syllable"),
        ({"word": ()}, "'word'.* have no codes"),
        ({"word": (4, 0)}, "'word'.* have no codes"),
    ],
)
def test_invalid_vocabularies(sizes, message):
    with pytest.raises(TokenError, match=message):
        ProsodyVocabulary(sizes)


def test_tokens_of_other_codebooks():
    with pytest.raises(TokenError, match=r"'word' has codebooks of sizes \(16, 4\).* \(16,\)"):
        ProsodyVocabulary({"word": (16,)}).to_ids(make_tokens(names=["word"]))
    with pytest.raises(TokenError, match=r"'frame' .* no such level"):
        ProsodyVocabulary({"word": (16, 4)}).to_ids(make_tokens(names=["word", "frame"]))


def test_frame_tokens_off_the_grid():
    level = TokenLevel("frame", [[0, 1]], (32,), Segmentation.unlabelled([0, 7, 14]))
    with pytest.raises(TokenError, match="not on the grid"):
        VOCABULARY.to_ids(ProsodyTokens((level,), Register(), 14))


W = "<word_0_1><word_1_2>"
OPEN = "<prosody><levels_word>"
BROKEN = {
    "nothing": ("", "incomplete: token 0 should be <prosody>"),
    "no start": ("<levels_word>", "token 0: <levels_word>, expected <prosody>"),
    "no header": ("<prosody><word_0_1>", "token 1: <word_0_1>, expected <levels_phrase> or"),
    "no unit": (f"{OPEN}</prosody>", "token 2: </prosody>, expected <word_0_0>..<word_0_15>"),
    "codebooks swapped": (f"{OPEN}<word_1_2>", "token 2: <word_1_2>, expected <word_0_0>"),
    "codebook missing": (f"{OPEN}<word_0_1><dur_3>", "token 3: <dur_3>, expected <word_1_0>"),
    "no duration": (f"{OPEN}{W}</prosody>", "token 4: </prosody>, expected <dur_1>..<dur_100> or"),
    "endless duration": (
        f"{OPEN}{W}" + "<long_1>" * 4,
        "token 7: <long_1>, expected <dur_1>..<dur_100>",
    ),
    "cut off": (f"{OPEN}{W}<long_2>", "incomplete: token 5 should be <dur_1>"),
    "no end": (f"{OPEN}{W}<dur_3>", "incomplete: token 5 should be <word_0_0>..<word_0_15> or </p"),
    "two durations": (f"{OPEN}{W}<dur_3><dur_3>", "token 5: <dur_3>, expected"),
    "other level": (f"{OPEN}<phrase_0_1>", "token 2: <phrase_0_1>"),
    "after the end": (
        f"{OPEN}{W}<dur_3></prosody><dur_3>",
        "token 6: <dur_3>, expected <prosody_pad>",
    ),
    "padding within": (f"{OPEN}<prosody_pad>", "token 2: <prosody_pad>"),
    "phrase without words": (
        "<prosody><levels_phrase_word><phrase_0_1><phrase_0_1>",
        "token 3: <phrase_0_1>, expected <word_0_0>",
    ),
    "word without phrase": ("<prosody><levels_phrase_word><word_0_1>", "token 2: <word_0_1>"),
    "duration of a phrase with words": (
        "<prosody><levels_phrase_word><phrase_0_1><dur_9>",
        "token 3: <dur_9>",
    ),
    "too few frame tokens": (
        f"<prosody><levels_word_frame>{W}<dur_16><frame_0_1></prosody>",
        "token 6: </prosody>, expected <frame_0_0>..<frame_0_31>",
    ),
    "too many frame tokens": (
        f"<prosody><levels_word_frame>{W}<dur_8><frame_0_1><frame_0_1>",
        "token 6: <frame_0_1>, expected <word_0_0>..<word_0_15> or </prosody>",
    ),
    "last frame token missing": (
        f"<prosody><levels_word_frame>{W}<dur_3></prosody>",
        "token 5: </prosody>, expected <word_0_0>..<word_0_15> or <frame_0_0>",
    ),
    "word after the last frame token": (
        f"<prosody><levels_word_frame>{W}<dur_3><frame_0_1>{W}",
        "token 6: <word_0_1>, expected </prosody>",
    ),
    "rest of a whole frame token": (
        "<prosody><levels_frame><frame_0_1><dur_8>",
        "token 3: <dur_8>, expected .* or <dur_1>..<dur_7> or </prosody>",
    ),
    "frame token after the rest": (
        "<prosody><levels_frame><frame_0_1><dur_3><frame_0_1>",
        "token 4: <frame_0_1>, expected </prosody>",
    ),
    "unknown code": (f"{OPEN}<word_0_16>", "token 2: <word_0_16> is not in the vocabulary"),
    "foreign text": (f"{OPEN} hello", "token 2: 'hello' is not a token"),
    "half a token": (f"{OPEN}<word_0", "token 2: '<word_0' is not a token"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_errors_give_position_and_reason(text, message):
    with pytest.raises(TokenError, match=message):
        VOCABULARY.from_string(text, Register())


@pytest.mark.parametrize("bad", [-1, 270, 10**30])
def test_unknown_ids(bad):
    with pytest.raises(TokenError, match=f"token 1: unknown id {bad}, expected"):
        VOCABULARY.from_ids([1, bad], Register())


def test_a_header_of_unknown_levels():
    ids = VOCABULARY.to_ids(make_tokens(names=["frame"]))
    with pytest.raises(TokenError, match="token 1: <levels_frame>, expected <levels_word>"):
        ProsodyVocabulary({"word": (16, 4)}).from_ids(ids, Register())


@given(prosody_tokens(), st.data())
def test_every_truncation_is_an_error(tokens, data):
    vocabulary = ProsodyVocabulary.of(tokens)
    ids = vocabulary.to_ids(tokens)
    length = data.draw(st.integers(0, len(ids) - 1))
    with pytest.raises(TokenError, match=f"incomplete: token {length} "):
        vocabulary.from_ids(ids[:length], Register())


def test_padding_white_space_and_arrays():
    tokens = make_tokens()
    ids = VOCABULARY.to_ids(tokens)
    padded = np.array([*ids, *[VOCABULARY.pad_id] * 5])
    expected = VOCABULARY.from_ids(ids, Register())
    assert_same(VOCABULARY.from_ids(padded, Register()), expected)
    spaced = "\n " + " ".join(VOCABULARY.tokens[i] for i in ids) + "\t\n"
    assert_same(VOCABULARY.from_string(spaced, Register()), expected)
    assert VOCABULARY.ids_to_string(ids) == VOCABULARY.to_string(tokens)


def test_labels():
    tokens = make_tokens()
    ids = VOCABULARY.to_ids(tokens)
    assert VOCABULARY.from_ids(ids, Register())["word"].segmentation.labels == ("", "", "")
    with pytest.raises(TokenError, match="'word': 2 labels for 3 units"):
        VOCABULARY.from_ids(ids, Register(), {"word": ["a", "b"]})
    with pytest.raises(TokenError, match="'word': 0 labels for 3 units"):
        VOCABULARY.from_ids(ids, Register(), {"word": []})
    with pytest.raises(TokenError, match=r"labels for .*syllable"):
        VOCABULARY.from_ids(ids, Register(), {"syllable": ["a"]})


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_sampling_with_the_mask_is_valid(names):
    """Random allowed ids always end in valid tokens, which have the same ids."""
    random = np.random.default_rng(7)
    for _ in range(20):
        reader, ids = VOCABULARY.reader(), []
        for forced in (VOCABULARY.start_id, VOCABULARY.header(names)[0]):
            reader.push(forced)
            ids.append(forced)
        while not reader.finished:
            mask = reader.mask
            assert mask.shape == (len(VOCABULARY),)
            # Short durations, and the end as soon as it is allowed, keep sequences short.
            allowed = np.flatnonzero(mask & ~np.isin(np.arange(mask.size), VOCABULARY.longs))
            ids.append(VOCABULARY.end_id if mask[VOCABULARY.end_id] else random.choice(allowed))
            reader.push(ids[-1])
        assert np.flatnonzero(reader.mask).tolist() == [VOCABULARY.pad_id]
        tokens = reader.tokens(Register())
        assert tokens.names == names
        assert VOCABULARY.to_ids(tokens) == ids


@pytest.mark.parametrize("left", [1, 99, 100, 101, 10_100, 10_101, 1_010_100])
def test_the_mask_limits_the_length_to_a_day(left):
    reader = VOCABULARY.reader()
    rest = make_tokens((0, MAX_FRAMES - left), ("",), (0, MAX_FRAMES - left), names=["word"])
    for token in VOCABULARY.to_ids(rest)[:-1]:
        reader.push(token)
    reader.push(VOCABULARY.codebooks["word"][0][0])
    reader.push(VOCABULARY.codebooks["word"][1][0])
    while not reader.finished:
        reader.push(reader.choices[-1][-1])  # the longest duration allowed, and at last the end
    # The highest digit first is not always the longest: 10,100 of 10,101.
    assert MAX_FRAMES - 1 <= reader.tokens(Register()).num_frames <= MAX_FRAMES


def test_a_hugging_face_tokenizer_accepts_the_tokens():
    tokenizers = pytest.importorskip("tokenizers")
    model = tokenizers.models.WordLevel({"[UNK]": 0, "hello": 1}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    assert tokenizer.add_tokens(VOCABULARY.tokens) == len(VOCABULARY)
    text = VOCABULARY.to_string(make_tokens())
    encoding = tokenizer.encode("hello" + text + "hello")
    assert encoding.tokens[0] == encoding.tokens[-1] == "hello"
    assert [i - 2 for i in encoding.ids[1:-1]] == VOCABULARY.string_to_ids(text)
