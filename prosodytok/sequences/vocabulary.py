"""Tokens as a stream for language models: a string of tokens, or their ids.

A stream goes through time, coarse to fine: each phrase, then its words, each followed by its frame
tokens. Whatever levels it has, it says all of their codes and edges, exactly::

    stream   = <prosody> <levels_...> body </prosody> <prosody_pad>*
    body     = phrase+             with <levels_phrase>, <levels_phrase_frame>
             | (phrase word+)+     with <levels_phrase_word>, <levels_phrase_word_frame>
             | word+               with <levels_word>, <levels_word_frame>
             | cell+ [cut]         with <levels_frame>
    phrase   = <phrase_0_C> <phrase_1_C> ... [duration cell*]
    word     = <word_0_C> <word_1_C> ... duration cell*
    cell     = <frame_0_C> <frame_1_C> ...
    duration = <long_D>* <dur_D>
    cut      = <dur_1> | ... | <dur_7>

- ``<word_K_C>`` is code C of codebook K: a unit with K codebooks takes K tokens.
- A duration, in frames of 10 ms, follows the codes of each word, or of each phrase where there are
  no words. A phrase of words lasts as long as they do, and the utterance as long as its units, so
  that nothing is said twice and nothing can disagree. ``<dur_1>`` to ``<dur_100>`` say up to one
  second; longer durations put ``<long_D>`` before, digits from 1 to 100 in base 100:
  ``<long_2><dur_37>`` is 237 frames. Every duration has exactly one spelling.
- Cells stand on the fixed grid of 8 frames and take no duration. Cell i follows the word (or
  phrase) that holds its centre, frame 8 i + 4, so the durations say how many cells follow. The end
  of the utterance may cut the last cell short: it goes with the last unit even where its centre
  would lie beyond, and in a stream of cells alone ``cut`` says how many of its frames are left.

Beside the stream, not in it, go the register, the labels, id, audio, checkpoint, source and frame
rate. The string is the tokens joined without spaces, as a Hugging Face tokenizer takes it that has
`ProsodyVocabulary.tokens` as added tokens; in reading, white space between tokens is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import SupportsIndex

from prosodytok.sequences.alphabet import Alphabet
from prosodytok.sequences.sequence_reader import SequenceReader
from prosodytok.sequences.sequence_writer import write_ids
from prosodytok.types.errors import TokenError
from prosodytok.types.register import Register
from prosodytok.types.tokens import ProsodyTokens

__all__ = ["ProsodyVocabulary", "SequenceReader"]

_TOKEN = re.compile(r"\s*(<[^<>\s]+>)")


class ProsodyVocabulary(Alphabet):
    """The vocabulary of a prosody language model; the module's page states the grammar.

    One vocabulary reads and writes streams of any subset of its levels: a header token says which.

    Parameters
    ----------
    codebook_sizes : mapping of str to tuple of int
        For each level ("phrase", "word", "frame", or some of them) the sizes of its K codebooks.

    Raises
    ------
    TokenError
        If there is no level, a level is unknown, or a level has no codebook or an empty one.
    """

    @classmethod
    def of(cls, tokens: ProsodyTokens) -> ProsodyVocabulary:
        """The vocabulary of the levels and codebooks that these tokens have."""
        return cls({level.name: level.codebook_sizes for level in tokens.levels})

    @property
    def pad_id(self) -> int:
        """Id of the token after the end that fills a batch."""
        return self.pad[0]

    @property
    def start_id(self) -> int:
        """Id of the token that every stream starts with."""
        return self.start[0]

    @property
    def end_id(self) -> int:
        """Id of the token that every stream ends with."""
        return self.end[0]

    def to_ids(self, tokens: ProsodyTokens) -> list[int]:
        """Write tokens as ids, from `start_id` to `end_id`.

        Raises
        ------
        TokenError
            If a level or its codebooks are not the vocabulary's, or frame tokens are off their
            grid.
        """
        return list(write_ids(self, tokens))

    def from_ids(
        self,
        ids: Iterable[SupportsIndex],
        register: Register,
        labels: Mapping[str, Sequence[str]] | None = None,
    ) -> ProsodyTokens:
        """Read ids as tokens; `dataclasses.replace` adds id, audio, checkpoint and source.

        Parameters
        ----------
        ids : iterable of int
            One whole stream; padding may follow it.
        register : Register
            The voice to speak with, which no stream holds.
        labels : mapping of str to sequence of str, optional
            Words of the units of a level, by its name.

        Raises
        ------
        TokenError
            If the ids are no stream, the message says at which token (from 0), what it is and what
            may stand there. Also if labels do not fit the units.
        """
        reader = self.reader()
        for token_id in ids:
            reader.push(token_id)
        return reader.tokens(register, labels)

    def to_string(self, tokens: ProsodyTokens) -> str:
        """Write tokens as a string; raises as `to_ids` does."""
        return self.ids_to_string(self.to_ids(tokens))

    def from_string(
        self,
        text: str,
        register: Register,
        labels: Mapping[str, Sequence[str]] | None = None,
    ) -> ProsodyTokens:
        """Read a string as tokens; arguments and errors are those of `from_ids`."""
        return self.from_ids(self.string_to_ids(text), register, labels)

    def ids_to_string(self, ids: Iterable[int]) -> str:
        """Join the names of the tokens."""
        return "".join(self.tokens[token_id] for token_id in ids)

    def string_to_ids(self, text: str) -> list[int]:
        """Split a string into tokens and return their ids.

        Raises
        ------
        TokenError
            If the string holds anything but tokens of this vocabulary and white space; the message
            says where.
        """
        ids: list[int] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match:
                rest = text[position:].lstrip()
                raise TokenError(f"token {len(ids)}: {rest[:20]!r} is no token")
            if match[1] not in self.ids:
                raise TokenError(f"token {len(ids)}: {match[1]} is not in the vocabulary")
            ids.append(self.ids[match[1]])
            position = match.end()
        return ids

    def reader(self) -> SequenceReader:
        """A reader of one stream, id by id, that says what may come next."""
        return SequenceReader(self)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Id of each token, by its name."""
        return {token: number for number, token in enumerate(self.tokens)}
