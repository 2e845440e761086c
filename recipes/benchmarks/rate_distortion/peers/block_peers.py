"""Peers on a fixed grid of 80 ms blocks: F0 bins, and k-means of whole blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from prosodytok import Prosody
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import FRAMES_PER_TOKEN, Register, Segmentation

from .kmeans import ResidualKMeans
from .peer import Codes, KMeansPeer
from .tracks import Array, from_tracks, to_blocks, to_tracks, weights


class F0Bins(KMeansPeer):
    """One bin of F0 for each block, or unvoiced; decoded by interpolation between the blocks.

    The bins minimise the squared error in semitones (Lloyd, 1982).
    """

    name = "F0 bins, 64 at 12.5 Hz"
    streams = ("f0", "voicing")
    codebook_sizes = (64,)

    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the bins."""
        values, spreads = [], []
        for utterance in utterances:
            register = utterance.example().register
            means, voiced = block_means(utterance.prosody, register)
            values.append(means[voiced, :1])
            spreads.append(np.full((int(voiced.sum()), 1), register.f0_spread_st**2))
        bins = self.codebook_sizes[0] - 1
        self.quantizer = ResidualKMeans.fit(
            np.concatenate(values), np.concatenate(spreads).astype(np.float32), (bins,)
        )

    @override
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (1, N): 0 for an unvoiced block."""
        means, voiced = block_means(prosody, register)
        codes = self.quantizer.encode(means[:, :1], np.ones_like(means[:, :1]))
        return np.where(voiced, 1 + codes, 0)

    @override
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (1, N); energy is constant at the level of the recording."""
        voiced = codes[0] > 0
        f0 = self.quantizer.decode(np.maximum(codes - 1, 0))[:, 0]
        means = np.stack([f0, voiced, np.zeros_like(f0)], axis=1)
        return from_block_means(means, voiced, units.num_frames, register)


class BlockKMeans(KMeansPeer):
    """Residual k-means of F0, voicing and energy of independent 80 ms blocks."""

    name = "residual k-means of 80 ms, 2 x 64"
    codebook_sizes = (64, 64)

    def train(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the codebooks."""
        vectors = [self._vectors(u.prosody, u.example().register) for u in utterances]
        values, importance = (np.concatenate(x) for x in zip(*vectors, strict=True))
        self.quantizer = ResidualKMeans.fit(values, importance, self.codebook_sizes)

    @override
    def encode(self, prosody: Prosody, units: Segmentation, register: Register) -> Codes:
        """Codes (2, N) of the blocks."""
        return self.quantizer.encode(*self._vectors(prosody, register))

    @override
    def decode(self, codes: Codes, units: Segmentation, register: Register) -> Prosody:
        """Prosody of codes (2, N)."""
        tracks = self.quantizer.decode(codes).reshape(-1, 3)[: units.num_frames]
        return from_tracks(tracks, register)

    def _vectors(self, prosody: Prosody, register: Register) -> tuple[Array, Array]:
        blocks = to_blocks(to_tracks(prosody, register), FRAMES_PER_TOKEN)
        importance = to_blocks(weights(prosody, register), FRAMES_PER_TOKEN, pad="constant")
        return blocks.reshape(len(blocks), -1), importance.reshape(len(blocks), -1)


def block_means(prosody: Prosody, register: Register) -> tuple[Array, NDArray[np.bool_]]:
    """Means of the tracks in each block (N, 3), F0 over voiced frames; and majority voicing (N,).

    A block without a voiced frame has the mean of its interpolated F0.
    """
    tracks = to_blocks(to_tracks(prosody, register), FRAMES_PER_TOKEN)
    inside = to_blocks(np.ones((prosody.num_frames, 1), np.float32), FRAMES_PER_TOKEN, "constant")
    share = inside / inside.sum(axis=1, keepdims=True)
    means = (tracks * share).sum(axis=1)
    counted = inside[..., 0] * (tracks[..., 1] + 1e-6)
    means[:, 0] = (tracks[..., 0] * counted).sum(axis=1) / counted.sum(axis=1)
    return means.astype(np.float32), means[:, 1] >= 0.5


def from_block_means(
    means: Array, voiced: NDArray[np.bool_], num_frames: int, register: Register
) -> Prosody:
    """Interpolate block means (N, 3), F0 between voiced blocks only; voicing is constant."""
    frames = np.arange(num_frames) + 0.5
    centres = (np.arange(len(means)) + 0.5) * FRAMES_PER_TOKEN
    anchors = voiced if voiced.any() else np.ones_like(voiced)
    f0 = np.interp(frames, centres[anchors], means[anchors, 0])
    energy = np.interp(frames, centres, means[:, 2])
    voicing = np.repeat(voiced, FRAMES_PER_TOKEN)[:num_frames]
    return from_tracks(np.stack([f0, voicing, energy], axis=1).astype(np.float32), register)
