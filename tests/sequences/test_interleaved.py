"""Words before their prosody tokens, as text and as ids of small tokenizers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosodytok.sequences import InterleavedStream, ProsodyVocabulary, from_text, to_text
from prosodytok.types import ProsodyTokens, Segmentation
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from tests.sequences.strategies import SUBSETS, assert_same, make_tokens, prosody_tokens

tokenizers = pytest.importorskip("tokenizers")

VOCABULARY = ProsodyVocabulary({"phrase": (8,), "word": (16, 4), "frame": (32,)})
WITH_WORDS = [names for names in SUBSETS if "word" in names]


def byte_tokenizer():
    """GPT-2's kind of tokenizer, without a merge: a token for each byte."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    model = tokenizers.models.BPE({letter: i for i, letter in enumerate(alphabet)}, [])
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    return tokenizer


def hugging_face_tokenizer():
    transformers = pytest.importorskip("transformers")
    return transformers.PreTrainedTokenizerFast(tokenizer_object=byte_tokenizer())


def plain(tokens):
    """Only the fields of a sequence with words, and labels without outer spaces."""
    tokens = ProsodyTokens(tokens.levels, tokens.register, tokens.num_frames)
    return relabelled(tokens, [x.strip() for x in tokens["word"].segmentation.labels])


def relabelled(tokens, words):
    def units(level):
        labels = words if level.name == "word" else [""] * len(level)
        return replace(level, segmentation=Segmentation(level.segmentation.boundaries, labels))

    return replace(tokens, levels=tuple(units(level) for level in tokens.levels))


@pytest.mark.parametrize("names", WITH_WORDS, ids="+".join)
@given(data=st.data())
def test_round_trip_of_text(names, data):
    tokens = plain(data.draw(prosody_tokens(names)))
    vocabulary = ProsodyVocabulary.of(tokens)
    assert_same(from_text(vocabulary, to_text(vocabulary, tokens), tokens.register), tokens)


@pytest.mark.parametrize("make", [byte_tokenizer, hugging_face_tokenizer])
@pytest.mark.parametrize("words", [("never", "", "mind"), ("naïve", "New York", "<b> don't")])
@pytest.mark.parametrize("names", WITH_WORDS, ids="+".join)
def test_round_trip_of_ids(names, words, make):
    tokens = replace(make_tokens(labels=words, names=names), id="", audio="")
    stream = InterleavedStream(VOCABULARY, make())
    ids = stream.to_ids(tokens)
    assert_same(stream.from_ids(np.array(ids), tokens.register), tokens)
    # The string form, through the tokenizer itself, has the same ids.
    encoded = stream.tokenizer.encode(to_text(VOCABULARY, tokens))
    assert list(getattr(encoded, "ids", encoded)) == ids


def test_sequence_of_an_example():
    tokens = make_tokens((0, 3, 13, 20), ("a", "b", ""), (0, 13, 20))
    assert to_text(VOCABULARY, tokens) == (
        "<prosody><levels_phrase_word_frame>"
        "<phrase_0_1> a<word_0_1><word_1_2><dur_3>"
        " b<word_0_2><word_1_3><dur_10><frame_0_1><frame_0_2>"
        "<phrase_0_2><word_0_3><word_1_0><dur_7><frame_0_3>"
        "</prosody>"
    )


def test_adding_twice_changes_nothing():
    tokenizer = hugging_face_tokenizer()
    first = InterleavedStream(VOCABULARY, tokenizer)
    size = len(tokenizer)
    assert size == 256 + len(VOCABULARY)
    np.testing.assert_array_equal(InterleavedStream(VOCABULARY, tokenizer).ids, first.ids)
    assert len(tokenizer) == size


@pytest.mark.parametrize("word", [" a", "<word_0_1>", "x<dur_3>"])
def test_words_that_cannot_be_written(word):
    tokens = make_tokens(labels=(word, "", "mind"))
    with pytest.raises(TokenError, match="word"):
        to_text(VOCABULARY, tokens)
    with pytest.raises(TokenError, match="does not decode"):
        InterleavedStream(VOCABULARY, byte_tokenizer()).to_ids(tokens)


def test_words_unknown_to_the_tokenizer():
    model = tokenizers.models.WordLevel({"[UNK]": 0, "mind": 1}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    stream = InterleavedStream(VOCABULARY, tokenizer)
    with pytest.raises(TokenError, match="does not decode the word 'never'"):
        stream.to_ids(make_tokens())
    known = make_tokens(labels=("mind", "", "mind"))
    again = stream.from_ids(stream.to_ids(known), Register())
    assert again["word"].segmentation.labels == ("mind", "", "mind")


def test_a_tokenizer_that_rejects_tokens():
    class Rejecting:
        def add_tokens(self, tokens, /):
            return len(tokens) - len(tokens)

        def convert_tokens_to_ids(self, token):
            return len(token) - len(token)

    with pytest.raises(TokenError, match="did not accept the 270 prosody tokens"):
        InterleavedStream(VOCABULARY, Rejecting())


def test_words_are_needed():
    with pytest.raises(TokenError, match="no level 'word'"):
        to_text(VOCABULARY, make_tokens(names=["phrase"]))


W = "<word_0_1><word_1_2>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hi <prosody>", "token 0: the text 'hi ', expected <prosody>"),
        (f"<prosody><levels_word>{W} hi<dur_3>", "token 4: the text ' hi', expected <dur_1>"),
        ("<prosody><levels_word> hi</prosody>", "token 2: expected the tokens of the word 'hi'"),
        (
            f"<prosody><levels_word>{W}<dur_3> hi</prosody>",
            "token 5: expected the tokens of",
        ),
        (f"<prosody><levels_word>{W}<dur_3></prosody> hi", "token 6: the text ' hi'"),
        (f"<prosody><levels_word>{W} ", "incomplete: token 4"),
        ("<prosody><levels_phrase_word>hi<phrase_0_1>", "token 2: the text 'hi'"),
        ("<prosody><levels_phrase> hi<phrase_0_1><dur_3></prosody>", "token 2: the text"),
    ],
)
def test_errors_give_position_and_reason(text, message):
    with pytest.raises(TokenError, match=message):
        from_text(VOCABULARY, text, Register())


def test_a_sequence_without_words():
    tokens = replace(make_tokens(names=["phrase", "frame"]), id="", audio="")
    text = VOCABULARY.to_string(tokens)
    assert_same(from_text(VOCABULARY, text, Register()), tokens)


def test_sampling_with_the_mask_is_valid():
    stream = InterleavedStream(VOCABULARY, byte_tokenizer())
    size, random = stream.tokenizer.get_vocab_size(), np.random.default_rng(3)
    text = np.setdiff1d(np.arange(size), stream.ids)
    spoken = 0
    for _ in range(20):
        reader, ids = stream.reader(), []
        while not reader.sequence.finished:
            mask = stream.mask(reader, size)
            end = stream.ids[VOCABULARY.end_id]
            longs = stream.ids[VOCABULARY.longs.start : VOCABULARY.longs.stop]
            allowed = np.setdiff1d(np.flatnonzero(mask), longs)
            ascii_alone = allowed[~np.isin(allowed, text) | (allowed < 90)]
            ids.append(int(end if mask[end] else random.choice(ascii_alone)))
            stream.push(reader, ids[-1])
        assert np.flatnonzero(stream.mask(reader, size)).tolist() == [stream.ids[0]]
        tokens = stream.from_ids(ids, Register())
        spoken += any("word" in tokens and x for x in tokens.levels[-1].segmentation.labels)
    assert spoken
