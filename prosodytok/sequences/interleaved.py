"""Streams in which each word of the text stands before its prosody tokens.

The grammar is that of `sequences.vocabulary`, with one addition: the word itself, after a
space, may stand before the codes of each word::

    word = [text] <word_0_C> <word_1_C> ... duration cell*

A unit without text is a pause, or a word that nobody knows. `to_text` and `from_text` are for
people and for tokenizers yet to be trained; `InterleavedStream` writes and reads the ids of a text
tokenizer that exists, to which it adds the tokens of the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import index
from typing import Any, Generic, Protocol, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

from prosodytok.sequences.vocabulary import ProsodyVocabulary
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

_TOKEN = re.compile(r"(<[^<>\s]+>)")
#: A piece of text: a string, or an id of a text tokenizer.
Piece = TypeVar("Piece", str, int)


class TextTokenizer(Protocol):
    """What is asked of a tokenizer; those of `tokenizers` and `transformers` have it.

    Beside this, one of ``token_to_id`` and ``convert_tokens_to_ids``, to look up an added token.
    """

    def add_tokens(self, tokens: Any, /) -> int:
        """Take tokens that are never split."""

    def encode(self, text: Any, /, *, add_special_tokens: bool) -> Any:
        """Give a list of ids, or an object that has them as `ids`."""

    def decode(self, ids: Any, /) -> Any:
        """Give the text of ids."""


def to_text(vocabulary: ProsodyVocabulary, tokens: ProsodyTokens) -> str:
    """Write a stream as a string in which each word stands before its tokens.

    Raises
    ------
    TokenError
        As `ProsodyVocabulary.to_ids`, and if there is no word level, or a label cannot be told from
        what is around it: it has space at an end, or holds a token of the vocabulary.
    """
    names = vocabulary.tokens
    return "".join(
        f" {_plain(vocabulary, piece)}" if isinstance(piece, str) else names[piece]
        for piece in _pieces(vocabulary, tokens)
    )


def from_text(vocabulary: ProsodyVocabulary, text: str, register: Register) -> ProsodyTokens:
    """Read what `to_text` wrote, words too; white space around text is passed over.

    Raises
    ------
    TokenError
        If the text is no such stream; the message says where and why.
    """
    reader = InterleavedReader(vocabulary, "".join)
    for piece in _TOKEN.split(text):
        if piece in vocabulary.ids:
            reader.push(vocabulary.ids[piece])
        elif piece.strip():
            reader.push_text(piece)
    return reader.tokens(register)


class InterleavedReader(Generic[Piece]):
    """Reads a stream with words, piece by piece, and says what may come next.

    Parameters
    ----------
    vocabulary : ProsodyVocabulary
        The vocabulary of its prosody tokens.
    join : callable
        From a list of pieces of text to the text.
    """

    def __init__(self, vocabulary: ProsodyVocabulary, join: Callable[[list[Piece]], str]) -> None:
        self.sequence = vocabulary.reader()
        self._join: Callable[[list[Piece]], str] = join
        self._word = vocabulary.codebooks["word"][0] if "word" in vocabulary.codebooks else range(0)
        self._pieces: list[Piece] = []
        self._labels: list[str] = []

    @property
    def may_be_text(self) -> bool:
        """Whether text may come next: where a word begins."""
        return self._word in self.sequence.choices

    @property
    def choices(self) -> tuple[range, ...]:
        """Prosody ids that may come next: after text, those of a word alone."""
        return (self._word,) if self._pieces else self.sequence.choices

    def push(self, token_id: int) -> None:
        """Take the next prosody token, by its id in the vocabulary.

        Raises
        ------
        TokenError
            If it may not come here; the message says where, and what may.
        """
        begins = self.may_be_text and token_id in self._word
        if self._pieces and not begins:
            raise TokenError(
                f"token {self.sequence.num_read}: after the word {self._text()!r} "
                "its own tokens must come"
            )
        self.sequence.push(token_id)
        if begins:
            self._labels.append(self._text())
            self._pieces = []

    def push_text(self, piece: Piece) -> None:
        """Take the next piece of text.

        Raises
        ------
        TokenError
            If none may come here.
        """
        if not self.may_be_text:
            found = self._join([piece])
            raise TokenError(
                f"token {self.sequence.num_read}: the text {found[:20]!r}, "
                f"where {self.sequence.expected} may come"
            )
        self._pieces.append(piece)

    def tokens(self, register: Register) -> ProsodyTokens:
        """What the stream says, once it has ended; the labels of its words are their text.

        Raises
        ------
        TokenError
            If the stream has not ended.
        """
        labels = {"word": self._labels} if self._labels else None
        return self.sequence.tokens(register, labels)

    def _text(self) -> str:
        return self._join(self._pieces).strip() if self._pieces else ""


class InterleavedStream:
    """Prosody and words as ids of a text tokenizer, to which it adds the prosody tokens.

    Afterwards the language model needs as many embeddings as the tokenizer has tokens
    (``model.resize_token_embeddings(len(tokenizer))`` in transformers).

    Parameters
    ----------
    vocabulary : ProsodyVocabulary
        The prosody tokens; its `tokens` are what is added.
    tokenizer : TextTokenizer
        Any tokenizer that has `add_tokens`; it is changed in place. Adding twice does no harm.

    Attributes
    ----------
    ids : (V,) int64
        The tokenizer's id of each token of the vocabulary.

    Raises
    ------
    TokenError
        If the tokenizer does not take the tokens.
    """

    def __init__(self, vocabulary: ProsodyVocabulary, tokenizer: TextTokenizer) -> None:
        self.vocabulary, self.tokenizer = vocabulary, tokenizer
        tokenizer.add_tokens(list(vocabulary.tokens))
        look_up = getattr(tokenizer, "token_to_id", None) or getattr(
            tokenizer, "convert_tokens_to_ids", None
        )
        found = [look_up(token) for token in vocabulary.tokens] if look_up else []
        if not found or None in found or len(set(found)) != len(vocabulary):
            raise TokenError(
                f"a {type(tokenizer).__name__} did not take the {len(vocabulary)} prosody tokens: "
                "a tokenizer is needed that gives each added token an id of its own"
            )
        self.ids: NDArray[np.int64] = np.array(found, dtype=np.int64)
        self._own = {int(host): own for own, host in enumerate(found)}

    def to_ids(self, tokens: ProsodyTokens) -> list[int]:
        """Write tokens and the labels of their words as ids of the tokenizer.

        Raises
        ------
        TokenError
            As `ProsodyVocabulary.to_ids`, and if there is no word level, or the tokenizer cannot
            spell a word such that it reads the same again.
        """
        ids: list[int] = []
        for piece in _pieces(self.vocabulary, tokens):
            ids += self._spell(piece) if isinstance(piece, str) else [int(self.ids[piece])]
        return ids

    def from_ids(self, ids: Iterable[SupportsIndex], register: Register) -> ProsodyTokens:
        """Read ids of the tokenizer as tokens with words.

        Parameters
        ----------
        ids : iterable of int
            One whole stream; padding tokens of the vocabulary may follow it.
        register : Register
            The voice to speak with, which no stream holds.

        Raises
        ------
        TokenError
            If the ids are no stream; the message says where and why.
        """
        reader = self.reader()
        for token_id in ids:
            self.push(reader, token_id)
        return reader.tokens(register)

    def reader(self) -> InterleavedReader[int]:
        """A reader of one stream, for `push` and `mask`."""
        return InterleavedReader(self.vocabulary, self._decode)

    def push(self, reader: InterleavedReader[int], token_id: SupportsIndex) -> None:
        """Give a reader the next id of the tokenizer; raises as the reader does."""
        number = index(token_id)
        if number in self._own:
            reader.push(self._own[number])
        else:
            reader.push_text(number)

    def mask(self, reader: InterleavedReader[int], size: int) -> NDArray[np.bool_]:
        """Which of the tokenizer's `size` ids may come next, shape (size,)."""
        mask = np.full(size, reader.may_be_text)
        mask[self.ids] = False
        for choice in reader.choices:
            mask[self.ids[choice.start : choice.stop]] = True
        return mask

    def _spell(self, label: str) -> list[int]:
        encoded = self.tokenizer.encode(f" {label}", add_special_tokens=False)
        ids = [int(number) for number in getattr(encoded, "ids", encoded)]
        if not self._own.keys().isdisjoint(ids) or self._decode(ids).strip() != label:
            raise TokenError(f"the tokenizer cannot spell the word {label!r} and read it again")
        return ids

    def _decode(self, ids: list[int]) -> str:
        return str(self.tokenizer.decode(ids))


def _pieces(vocabulary: ProsodyVocabulary, tokens: ProsodyTokens) -> Iterator[str | int]:
    """The ids of a stream, with its words in their places."""
    labels = iter(tokens["word"].segmentation.labels)
    begins = vocabulary.codebooks["word"][0] if "word" in vocabulary.codebooks else range(0)
    for token_id in vocabulary.to_ids(tokens):
        if token_id in begins and (label := next(labels)):
            yield label
        yield token_id


def _plain(vocabulary: ProsodyVocabulary, label: str) -> str:
    if label != label.strip() or any(part in vocabulary.ids for part in _TOKEN.split(label)):
        raise TokenError(
            f"the word {label!r} cannot stand in a stream: take spaces off its ends, and tokens out"
        )
    return label
