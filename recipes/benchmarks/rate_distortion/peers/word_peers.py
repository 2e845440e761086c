"""Peers on words and pauses: five numbers each, and k-means of DCT coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from prosodytok import Prosody
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import Register, Segmentation

from .kmeans import ResidualKMeans, fit_kmeans, nearest
from .peer import CodebookPeer, Codes, KMeansPeer, State
from .tracks import Array, from_tracks, to_tracks, weights

#: Quantisation levels of each of the five numbers, and their names.
LEVELS = 16
FEATURES = ("F0 mean", "F0 slope", "F0 curvature", "energy mean", "log duration")
#: DCT coefficients of each stream of a word.
COEFFICIENTS = 8
#: Word peers are fitted to every n-th training utterance.
EVERY = 3


class FiveNumbers(CodebookPeer):
    """Five numbers per word, 16 levels each: F0 mean, slope and curvature, energy, duration.

    Used by language models of prosody such as ProsodyLM (Shao et al., 2025). Curvature replaces the
    usual range, which cannot be decoded. The decoder uses the true durations, which favours this
    peer over a decoder with the 16 levels; the bits of the latter are counted.
    """

    name = "five numbers a word, 16 levels"
    streams = ("f0", "energy")
    codebook_sizes = (LEVELS,) * len(FEATURES)
    needs_words = True

    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the levels of each number."""
        numbers = np.concatenate([self._numbers(*parts) for parts in _examples(utterances)])
        ones = np.ones((len(numbers), 1), dtype=np.float32)
        self.levels = np.stack(
            [fit_kmeans(column[:, None], ones, LEVELS)[:, 0] for column in numbers.T]
        )

    @override
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (5, N) of the words."""
        numbers = self._numbers(prosody, units, register)
        ones = np.ones((len(numbers), 1), dtype=np.float32)
        pairs = zip(numbers.T, self.levels, strict=True)
        return np.stack([nearest(x[:, None], ones, levels[:, None]) for x, levels in pairs])

    @override
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (5, N): one parabola per word, all voiced."""
        numbers = np.stack([levels[row] for levels, row in zip(self.levels, codes, strict=True)])
        unit, place = units.unit_of_frame, _places(units)
        f0 = (_parabola(place) * numbers[:3, unit].T).sum(axis=1)
        tracks = np.stack([f0, np.ones_like(f0), numbers[3, unit]], axis=1)
        return from_tracks(tracks.astype(np.float32), register)

    @override
    def duration_cost(self, units: Segmentation, register: Register) -> float:
        """No additional bits: the fifth number is the duration."""
        return 0.0

    def fitted_state(self) -> State:
        """Levels as an array."""
        return {"levels": self.levels}

    def load_fitted(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `fitted_state`."""
        self.levels = state["levels"]

    def _numbers(self, prosody: Prosody, units: Segmentation, register: Register) -> Array:
        tracks, importance = to_tracks(prosody, register), weights(prosody, register)
        basis = _parabola(_places(units))
        rows = []
        for start, end in _edges(units):
            part = slice(start, end)
            f0 = weighted_fit(basis[part], tracks[part, 0], importance[part, 0])
            rows.append([*f0, tracks[part, 2].mean(), np.log(end - start)])
        return np.array(rows, dtype=np.float32)


class WordKMeans(KMeansPeer):
    """Residual k-means of the DCT of F0, voicing and energy over each word.

    The bits of durations are counted as for our tokens.
    """

    name = "residual k-means of words, 64 x 64"
    codebook_sizes = (64, 64)
    needs_words = True

    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the codebooks."""
        vectors = [self._vectors(*parts) for parts in _examples(utterances)]
        values, importance = (np.concatenate(x) for x in zip(*vectors, strict=True))
        self.quantizer = ResidualKMeans.fit(values, importance, self.codebook_sizes)

    @override
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (2, N) of the words."""
        return self.quantizer.encode(*self._vectors(prosody, units, register))

    @override
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (2, N)."""
        shapes = self.quantizer.decode(codes).reshape(-1, 3, COEFFICIENTS)
        pairs = zip(shapes, units.durations, strict=True)
        return from_tracks(np.concatenate([dct_basis(n) @ s.T for s, n in pairs]), register)

    def _vectors(
        self, prosody: Prosody, units: Segmentation, register: Register
    ) -> tuple[Array, Array]:
        """Coefficients (N, 3 x 8), and the weights of their squared errors over the word."""
        tracks, importance = to_tracks(prosody, register), weights(prosody, register)
        shapes = np.zeros((len(units), 3, COEFFICIENTS), dtype=np.float32)
        costs = np.zeros_like(shapes)
        for row, (start, end) in enumerate(_edges(units)):
            basis = dct_basis(end - start)
            count = min(end - start, COEFFICIENTS)
            for stream in range(3):
                values, weight = tracks[start:end, stream], importance[start:end, stream]
                shapes[row, stream, :count] = weighted_fit(basis[:, :count], values, weight)
                costs[row, stream, :count] = weight.sum()
        return shapes.reshape(len(units), -1), costs.reshape(len(units), -1)


def dct_basis(length: int) -> Array:
    """First 8 DCT-II vectors (length, 8), scaled to a mean square of 1."""
    place = (np.arange(length) + 0.5) / length
    basis = np.sqrt(2) * np.cos(np.pi * place[:, None] * np.arange(COEFFICIENTS))
    basis[:, 0] = 1.0
    return basis.astype(np.float32)


def weighted_fit(basis: Array, values: Array, weight: Array) -> Array:
    """Coefficients of least weighted squared error, with a ridge that stabilises short words."""
    weighted = basis * weight[:, None]
    gram = weighted.T @ basis
    ridge = 0.02 * np.trace(gram) / len(gram) * np.eye(len(gram))
    ridge[0, 0] = 0.0
    result: Array = np.linalg.solve(gram + ridge, weighted.T @ values)
    return result


def _parabola(place: Array) -> Array:
    """Level, slope and curvature at positions in -1 .. 1, (T, 3): Legendre polynomials."""
    return np.stack([np.ones_like(place), place, 1.5 * place**2 - 0.5], axis=1)


def _places(units: Segmentation) -> Array:
    """Position of each frame in its word, -1 .. 1, shape (T,)."""
    start = units.boundaries[:-1][units.unit_of_frame]
    length = units.durations[units.unit_of_frame]
    return (2 * (np.arange(units.num_frames) - start + 0.5) / length - 1).astype(np.float32)


def _edges(units: Segmentation) -> Iterator[tuple[int, int]]:
    return zip(units.boundaries[:-1].tolist(), units.boundaries[1:].tolist(), strict=True)


def _examples(
    utterances: Sequence[CachedUtterance],
) -> Iterator[tuple[Prosody, Segmentation, Register]]:
    """Every third utterance, with its segmentations in rotation."""
    for index, utterance in enumerate(utterances[::EVERY]):
        example = utterance.example(index)
        yield example.prosody, example.hierarchy.words, example.register
