"""Interface of the peers: encode prosody into codes, count the bits, and decode."""

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

from .kmeans import ResidualKMeans
from .unigram_tables import UnigramTables

Codes = NDArray[np.int64]
State = dict[str, NDArray[Any]]

#: Streams of prosody, of which a peer codes all or some.
STREAMS = ("f0", "voicing", "energy")
#: Utterances for the tables of an entropy coder.
TABLE_UTTERANCES = 2000


@dataclass(frozen=True)
class Coded:
    """One utterance coded by a peer: decoded prosody and codes, (K, N).

    `bits` are those at fixed length, including durations if the decoder needs them; NaN for coders
    without a fixed length. `entropy_bits` have code lengths of -log2 of the relative frequency in
    training speech.
    """

    estimate: Prosody
    bits: float
    codes: Codes
    entropy_bits: float


class Peer(Protocol):
    """A codec of prosody at a low bit rate."""

    name: str
    streams: tuple[str, ...]

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit to training speech."""

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode from codes, units and register alone."""

    def state(self) -> State:
        """Fitted parameters as arrays."""

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `state`."""


class CodebookPeer(ABC):
    """A peer with codebooks of fixed sizes: K codes for each of N units.

    Subclasses implement `train`, `encode` and `decode`. `units` is the decoder's side information:
    the words if `needs_words`, else a single unit that has the number of frames.
    """

    name: str
    streams: tuple[str, ...] = STREAMS
    codebook_sizes: tuple[int, ...]
    needs_words: bool = False
    tables: UnigramTables

    @abstractmethod
    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the codebooks."""

    @abstractmethod
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (K, N) of an utterance."""

    @abstractmethod
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (K, N)."""

    @abstractmethod
    def fitted_state(self) -> State:
        """Parameters fitted by `train`, as arrays."""

    @abstractmethod
    def load_fitted(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `fitted_state`."""

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the codebooks, then the code frequencies."""
        self.train(utterances)
        every = max(1, len(utterances) // TABLE_UTTERANCES)
        codes = []
        for utterance in utterances[::every]:
            example = utterance.example()
            units = self._units_of(example.hierarchy)
            codes.append(self.encode(example.prosody, units, example.register))
        self.tables = UnigramTables.fit(np.concatenate(codes, axis=1), self.codebook_sizes)

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode."""
        units = self._units_of(hierarchy)
        codes = self.encode(prosody, units, register)
        durations = self.duration_cost(units, register)
        fixed = codes.shape[1] * sum(log2(size) for size in self.codebook_sizes)
        return Coded(
            self.decode(codes, units, register),
            fixed + durations,
            codes,
            self.tables.bits(codes) + durations,
        )

    def duration_cost(self, units: Segmentation, register: Register) -> float:
        """Bits of the unit boundaries, in addition to the codes."""
        return duration_bits(units, register) if self.needs_words else 0.0

    def state(self) -> State:
        """Fitted parameters and tables as arrays."""
        return {**self.fitted_state(), **self.tables.state()}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `state`."""
        self.load_fitted(state)
        self.tables = UnigramTables.load(state)

    def _units_of(self, hierarchy: Hierarchy) -> Segmentation:
        words = hierarchy.words
        return words if self.needs_words else Segmentation.unlabelled([0, words.num_frames])


class KMeansPeer(CodebookPeer):
    """A peer whose fitted parameters are those of one `ResidualKMeans`."""

    quantizer: ResidualKMeans

    def fitted_state(self) -> State:
        """Codebooks as arrays."""
        return self.quantizer.state()

    def load_fitted(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `fitted_state`."""
        self.quantizer = ResidualKMeans.load(state)


def duration_bits(words: Segmentation, register: Register) -> float:
    """Bits of the word boundaries, counted by `ProsodyTokens.bits` as for our tokens."""
    level = TokenLevel("word", np.zeros((1, len(words)), dtype=np.int64), (1,), words)
    return ProsodyTokens((level,), register, words.num_frames).bits["boundaries"]
