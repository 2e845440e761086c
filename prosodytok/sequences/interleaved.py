"""Sequences with the text of each word before its prosody tokens.

The grammar is that of `sequences.vocabulary`, except that the codes of a word may be preceded by a
space and its text::

    word = [text] <word_0_C> <word_1_C> ... duration frame*

A unit without text is a pause or an unknown word. `to_text` and `from_text` convert to and from
strings, e.g. to train a text tokenizer; `InterleavedStream` writes and reads ids of an existing
text tokenizer, to which it adds the tokens of the vocabulary.
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
    """Interface of a text tokenizer, as in `tokenizers` and `transformers`.

    It also needs one of ``token_to_id`` and ``convert_tokens_to_ids``, to look up added tokens.
    """

    def add_tokens(self, tokens: Any, /) -> int:
        """Add tokens that are never split."""

    def encode(self, text: Any, /, *, add_special_tokens: bool) -> Any:
        """Return a list of ids, or an object with an attribute `ids`."""

    def decode(self, ids: Any, /) -> Any:
        """Return the text of ids."""


def to_text(vocabulary: ProsodyVocabulary, tokens: ProsodyTokens) -> str:
    """Write a sequence as a string with each word before its tokens.

    Raises
    ------
    TokenError
        As `ProsodyVocabulary.to_ids`, and if there is no word level, or a label starts or ends with
        space or contains a token of the vocabulary.
    """
    names = vocabulary.tokens
    return "".join(
        f" {_plain(vocabulary, piece)}" if isinstance(piece, str) else names[piece]
        for piece in _pieces(vocabulary, tokens)
    )


def from_text(vocabulary: ProsodyVocabulary, text: str, register: Register) -> ProsodyTokens:
    """Inverse of `to_text`; white space around text is ignored.

    Raises
    ------
    TokenError
        If the text violates the grammar; the message gives the position and the reason.
    """
    reader = InterleavedReader(vocabulary, "".join)
    for piece in _TOKEN.split(text):
        if piece in vocabulary.ids:
            reader.push(vocabulary.ids[piece])
        elif piece.strip():
            reader.push_text(piece)
    return reader.tokens(register)


class InterleavedReader(Generic[Piece]):
    """Incremental reader of a sequence with words.

    Parameters
    ----------
    vocabulary : ProsodyVocabulary
        The vocabulary of the prosody tokens.
    join : callable
        Converts a list of pieces of text to a string.
    """

    def __init__(self, vocabulary: ProsodyVocabulary, join: Callable[[list[Piece]], str]) -> None:
        self.sequence = vocabulary.reader()
        self._join: Callable[[list[Piece]], str] = join
        self._word = vocabulary.codebooks["word"][0] if "word" in vocabulary.codebooks else range(0)
        self._pieces: list[Piece] = []
        self._labels: list[str] = []

    @property
    def may_be_text(self) -> bool:
        """Whether text is allowed next, at the start of a word."""
        return self._word in self.sequence.choices

    @property
    def choices(self) -> tuple[range, ...]:
        """Prosody ids allowed next; after text, only those of a word."""
        return (self._word,) if self._pieces else self.sequence.choices

    def push(self, token_id: int) -> None:
        """Read the next prosody token, by its id in the vocabulary.

        Raises
        ------
        TokenError
            If it is not allowed here; the message gives the position and the allowed tokens.
        """
        begins = self.may_be_text and token_id in self._word
        if self._pieces and not begins:
            raise TokenError(
                f"token {self.sequence.num_read}: expected the tokens of the word {self._text()!r}"
            )
        self.sequence.push(token_id)
        if begins:
            self._labels.append(self._text())
            self._pieces = []

    def push_text(self, piece: Piece) -> None:
        """Read the next piece of text.

        Raises
        ------
        TokenError
            If text is not allowed here.
        """
        if not self.may_be_text:
            found = self._join([piece])
            raise TokenError(
                f"token {self.sequence.num_read}: the text {found[:20]!r}, "
                f"expected {self.sequence.expected}"
            )
        self._pieces.append(piece)

    def tokens(self, register: Register) -> ProsodyTokens:
        """Tokens of a complete sequence, with the text as labels of its words.

        Raises
        ------
        TokenError
            If the sequence is incomplete.
        """
        labels = {"word": self._labels} if self._labels else None
        return self.sequence.tokens(register, labels)

    def _text(self) -> str:
        return self._join(self._pieces).strip() if self._pieces else ""


class InterleavedStream:
    """Sequences of prosody and words in the ids of a text tokenizer, extended by prosody tokens.

    The embeddings of the language model must be resized accordingly
    (``model.resize_token_embeddings(len(tokenizer))`` in transformers).

    Parameters
    ----------
    vocabulary : ProsodyVocabulary
        The prosody tokens to add.
    tokenizer : TextTokenizer
        Any tokenizer with `add_tokens`; it is changed in place. Adding tokens twice has no effect.

    Attributes
    ----------
    ids : (V,) int64
        The tokenizer's id of each token of the vocabulary.

    Raises
    ------
    TokenError
        If the tokenizer does not accept the tokens.
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
                f"{type(tokenizer).__name__} did not accept the {len(vocabulary)} prosody tokens: "
                "use a tokenizer that assigns an id to each added token"
            )
        self.ids: NDArray[np.int64] = np.array(found, dtype=np.int64)
        self._own = {int(host): own for own, host in enumerate(found)}

    def to_ids(self, tokens: ProsodyTokens) -> list[int]:
        """Write tokens and the labels of their words as ids of the tokenizer.

        Raises
        ------
        TokenError
            As `ProsodyVocabulary.to_ids`, and if there is no word level, or the tokenizer does not
            decode a word to the same text.
        """
        ids: list[int] = []
        for piece in _pieces(self.vocabulary, tokens):
            ids += self._spell(piece) if isinstance(piece, str) else [int(self.ids[piece])]
        return ids

    def from_ids(self, ids: Iterable[SupportsIndex], register: Register) -> ProsodyTokens:
        """Read ids of the tokenizer as tokens with labels.

        Parameters
        ----------
        ids : iterable of int
            A complete sequence; padding tokens of the vocabulary may follow.
        register : Register
            The voice, which is not part of the sequence.

        Raises
        ------
        TokenError
            If the ids violate the grammar; the message gives the position and the reason.
        """
        reader = self.reader()
        for token_id in ids:
            self.push(reader, token_id)
        return reader.tokens(register)

    def reader(self) -> InterleavedReader[int]:
        """An incremental reader, for `push` and `mask`."""
        return InterleavedReader(self.vocabulary, self._decode)

    def push(self, reader: InterleavedReader[int], token_id: SupportsIndex) -> None:
        """Push the next id of the tokenizer to a reader; errors are those of the reader."""
        number = index(token_id)
        if number in self._own:
            reader.push(self._own[number])
        else:
            reader.push_text(number)

    def mask(self, reader: InterleavedReader[int], size: int) -> NDArray[np.bool_]:
        """Which of the tokenizer's `size` ids are allowed next, shape (size,)."""
        mask = np.full(size, reader.may_be_text)
        mask[self.ids] = False
        for choice in reader.choices:
            mask[self.ids[choice.start : choice.stop]] = True
        return mask

    def _spell(self, label: str) -> list[int]:
        encoded = self.tokenizer.encode(f" {label}", add_special_tokens=False)
        ids = [int(number) for number in getattr(encoded, "ids", encoded)]
        if not self._own.keys().isdisjoint(ids) or self._decode(ids).strip() != label:
            raise TokenError(f"the tokenizer does not decode the word {label!r} to the same text")
        return ids

    def _decode(self, ids: list[int]) -> str:
        return str(self.tokenizer.decode(ids))


def _pieces(vocabulary: ProsodyVocabulary, tokens: ProsodyTokens) -> Iterator[str | int]:
    """The ids of a sequence with the text of each word before its codes."""
    labels = iter(tokens["word"].segmentation.labels)
    begins = vocabulary.codebooks["word"][0] if "word" in vocabulary.codebooks else range(0)
    for token_id in vocabulary.to_ids(tokens):
        if token_id in begins and (label := next(labels)):
            yield label
        yield token_id


def _plain(vocabulary: ProsodyVocabulary, label: str) -> str:
    if label != label.strip() or any(part in vocabulary.ids for part in _TOKEN.split(label)):
        raise TokenError(
            f"the word {label!r} cannot be part of a sequence: remove tokens and outer spaces"
        )
    return label
