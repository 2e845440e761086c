"""What every peer is: something that holds the prosody of speech in codes, and gives it back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok import Prosody
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import Hierarchy, ProsodyTokens, Register, Segmentation, TokenLevel

from .entropy import UnigramTables

Codes = NDArray[np.int64]
State = dict[str, NDArray[Any]]

#: What a prosody is made of; a peer says which of it its codes carry.
STREAMS = ("f0", "voicing", "energy")
#: Utterances that the tables of an entropy coder are counted on.
TABLE_UTTERANCES = 2000


@dataclass(frozen=True)
class Coded:
    """One utterance through a peer.

    Parameters
    ----------
    estimate : Prosody
        What the codes decode to.
    bits : float
        Bits of the utterance at fixed length, durations included where the decoder needs them; NaN
        where a fixed length makes no sense.
    codes : (K, N) int64
        The codes themselves.
    entropy_bits : float
        The same bits with each code of length -log2 of its share of the training codes.
    """

    estimate: Prosody
    bits: float
    codes: Codes
    entropy_bits: float


class Peer(Protocol):
    """One way to hold prosody in few bits."""

    name: str
    streams: tuple[str, ...]

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Learn from training speech."""

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode from nothing but codes, spans and register."""

    def state(self) -> State:
        """What was learned, as arrays."""

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""


class CodebookPeer(ABC):
    """A peer whose codes come from codebooks of fixed sizes, K codes for each of N units.

    A subclass learns in `train`, and says in `encode` and `decode` how. `spans` is what a decoder
    knows besides: the words' edges where `needs_words`, else the number of frames alone.
    """

    name: str
    streams: tuple[str, ...] = STREAMS
    codebook_sizes: tuple[int, ...]
    needs_words: bool = False
    tables: UnigramTables

    @abstractmethod
    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Learn the codebooks."""

    @abstractmethod
    def encode(self, prosody: Prosody, spans: Segmentation, register: Register) -> Codes:
        """Codes (K, N) of an utterance."""

    @abstractmethod
    def decode(self, codes: Codes, spans: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (K, N)."""

    @abstractmethod
    def learned(self) -> State:
        """What `train` learned."""

    @abstractmethod
    def learn(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `learned` gave."""

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Learn the codebooks, and then how often each code is used."""
        self.train(utterances)
        every = max(1, len(utterances) // TABLE_UTTERANCES)
        codes = []
        for utterance in utterances[::every]:
            example = utterance.example()
            spans = self._spans(example.hierarchy)
            codes.append(self.encode(example.prosody, spans, example.register))
        self.tables = UnigramTables.fit(np.concatenate(codes, axis=1), self.codebook_sizes)

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode."""
        spans = self._spans(hierarchy)
        codes = self.encode(prosody, spans, register)
        durations = self.duration_cost(spans, register)
        fixed = codes.shape[1] * sum(log2(size) for size in self.codebook_sizes)
        return Coded(
            self.decode(codes, spans, register),
            fixed + durations,
            codes,
            self.tables.bits(codes) + durations,
        )

    def duration_cost(self, spans: Segmentation, register: Register) -> float:
        """Bits that place the units, beside their codes."""
        return duration_bits(spans, register) if self.needs_words else 0.0

    def state(self) -> State:
        """What was learned, tables included."""
        return {**self.learned(), **self.tables.state()}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        self.learn(state)
        self.tables = UnigramTables.load(state)

    def _spans(self, hierarchy: Hierarchy) -> Segmentation:
        words = hierarchy.words
        return words if self.needs_words else Segmentation.unlabelled([0, words.num_frames])


def duration_bits(words: Segmentation, register: Register) -> float:
    """Bits that place the words, counted as `ProsodyTokens.bits` counts them for our tokens."""
    level = TokenLevel("word", np.zeros((1, len(words)), dtype=np.int64), (1,), words)
    return ProsodyTokens((level,), register, words.num_frames).bits["boundaries"]
