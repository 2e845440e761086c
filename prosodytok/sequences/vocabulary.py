"""Tokens as a sequence for language models: a string of tokens, or their ids.

A sequence is ordered in time and coarse to fine: each phrase, then its words, each followed by its
frame tokens. It represents all codes and edges of its levels exactly::

    sequence = <prosody> <levels_...> body </prosody> <prosody_pad>*
    body     = phrase+             with <levels_phrase>, <levels_phrase_frame>
             | (phrase word+)+     with <levels_phrase_word>, <levels_phrase_word_frame>
             | word+               with <levels_word>, <levels_word_frame>
             | frame+ [rest]       with <levels_frame>
    phrase   = <phrase_0_C> <phrase_1_C> ... [duration frame*]
    word     = <word_0_C> <word_1_C> ... duration frame*
    frame    = <frame_0_C> <frame_1_C> ...
    duration = <long_D>* <dur_D>
    rest     = <dur_1> | ... | <dur_7>

- ``<word_K_C>`` is code C of codebook K: a unit with K codebooks takes K tokens.
- A duration, in frames of 10 ms, follows the codes of each word, or of each phrase in sequences
  without words. The durations of phrases with words, and of the utterance, are the sums of those of
  their units. ``<dur_1>`` to ``<dur_100>`` represent up to one second; longer durations have a
  prefix of ``<long_D>``, digits from 1 to 100 in base 100: ``<long_2><dur_37>`` is 237 frames.
  The representation of a duration is unique.
- Frame tokens are on the fixed grid of 8 frames and have no duration. Frame token i follows the
  word (or phrase) that contains its centre, frame 8 i + 4, so the durations determine their number.
  The last one may cover fewer than 8 frames: it belongs to the last unit, even if its centre is
  beyond the utterance. In a sequence of frame tokens alone, ``rest`` is the number of its frames.

The register, labels, id, audio, checkpoint, source and frame rate are not part of the sequence. The
string joins the tokens without spaces, as a Hugging Face tokenizer accepts them that has
`ProsodyVocabulary.tokens` as added tokens; white space between tokens is ignored when reading.
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
    """The vocabulary of a prosody language model; for the grammar see the module.

    One vocabulary reads and writes sequences of any subset of its levels, which a header token
    states. Parameters and errors are those of `Alphabet`.
    """

    @classmethod
    def of(cls, tokens: ProsodyTokens) -> ProsodyVocabulary:
        """The vocabulary of the levels and codebooks of these tokens."""
        return cls({level.name: level.codebook_sizes for level in tokens.levels})

    @property
    def pad_id(self) -> int:
        """Id of the padding token."""
        return self.pad[0]

    @property
    def start_id(self) -> int:
        """Id of the first token of every sequence."""
        return self.start[0]

    @property
    def end_id(self) -> int:
        """Id of the last token of every sequence."""
        return self.end[0]

    def to_ids(self, tokens: ProsodyTokens) -> list[int]:
        """Write tokens as ids, from `start_id` to `end_id`.

        Raises
        ------
        TokenError
            If a level or its codebooks differ from the vocabulary's, or frame tokens are off
            their grid.
        """
        return list(write_ids(self, tokens))

    def from_ids(
        self,
        ids: Iterable[SupportsIndex],
        register: Register,
        labels: Mapping[str, Sequence[str]] | None = None,
    ) -> ProsodyTokens:
        """Read ids as tokens; id, audio, checkpoint and source are empty.

        Parameters
        ----------
        ids : iterable of int
            A complete sequence; padding may follow.
        register : Register
            The voice, which is not part of the sequence.
        labels : mapping of str to sequence of str, optional
            Words of the units of a level, by its name.

        Raises
        ------
        TokenError
            If the ids violate the grammar; the message gives the position (from 0), the token and
            the allowed tokens. Also if labels do not match the units.
        """
        reader = self.reader()
        for token_id in ids:
            reader.push(token_id)
        return reader.tokens(register, labels)

    def to_string(self, tokens: ProsodyTokens) -> str:
        """Write tokens as a string; errors are those of `to_ids`."""
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
            If the string contains anything but tokens of this vocabulary and white space; the
            message gives the position.
        """
        ids: list[int] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match:
                rest = text[position:].lstrip()
                raise TokenError(f"token {len(ids)}: {rest[:20]!r} is not a token")
            if match[1] not in self.ids:
                raise TokenError(f"token {len(ids)}: {match[1]} is not in the vocabulary")
            ids.append(self.ids[match[1]])
            position = match.end()
        return ids

    def reader(self) -> SequenceReader:
        """An incremental reader of one sequence."""
        return SequenceReader(self)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Id of each token, by name."""
        return {token: number for number, token in enumerate(self.tokens)}
