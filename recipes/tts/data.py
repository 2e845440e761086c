"""Sentences and batches for the acoustic model, and the hand-made features of the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from prosodytok import Hierarchy, Prosody, ProsodyTokens, Register
from prosodytok.types import Segmentation
from prosodytok.types.units import hz_to_semitones

#: Phones of PocketSphinx; 0 is padding, and a pause is a phone too.
PHONES = (
    "", "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH",
    "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH",
    "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
NUMBER = {phone: number for number, phone in enumerate(PHONES, 1)}
#: Mean F0, mean energy and log-duration of the word, and the relative position of the unit in it.
HANDMADE = 4
COSINES = 4

Array = NDArray[np.float64]


@dataclass
class Sentence:
    """An utterance of T frames: phones (ARPAbet) and pauses (``""``), words and phrases.

    `mel` (T, 80) is the natural logarithm of power; the tokens are those of these words, in the
    speaker's register.
    """

    id: str
    audio: Path
    phones: Segmentation
    hierarchy: Hierarchy
    mel: NDArray[np.float16]
    prosody: Prosody
    tokens: ProsodyTokens | None = None


@dataclass
class Batch:
    """B sentences of N phones and T frames, padded at the end with phone 0.

    `durations` (B, N) are in frames; `mel` (B, T, 80), `f0` and `voiced` (B, T) are the natural
    logarithm of power, semitones re the speaker's median, and voicing; `frames` (B, T) are not
    padding. The edges of phones, evenly spaced in their words, and of frames are input of the
    conditioning; `by_phone` (B, N, 4) and `by_frame` (B, T, 4) are hand-made features.
    """

    phones: Tensor
    durations: Tensor
    mel: Tensor
    f0: Tensor
    voiced: Tensor
    frames: Tensor
    tokens: list[ProsodyTokens]
    phone_edges: list[Array]
    frame_edges: list[Array]
    by_phone: Tensor
    by_frame: Tensor


def batches(sentences: Sequence[Sentence], size: int, seed: int) -> Iterator[list[Sentence]]:
    """Endless batches of sentences of similar length, in random order."""
    rng = np.random.default_rng(seed)
    lengths = np.array([s.phones.num_frames for s in sentences])
    while True:
        order = np.argsort(lengths + rng.uniform(0, 50, lengths.size))
        starts = np.arange(0, lengths.size - size + 1, size)
        for start in rng.permutation(starts):
            yield [sentences[i] for i in order[start : start + size]]


def collate(sentences: Sequence[Sentence], register: Register) -> Batch:
    phones = [even_phones(s) for s in sentences]
    frames = [np.arange(s.phones.num_frames + 1.0) for s in sentences]
    return Batch(
        phones=_pad([[NUMBER[p] for p in s.phones.labels] for s in sentences]),
        durations=_pad([s.phones.durations for s in sentences]),
        mel=_pad([s.mel.astype(np.float32) for s in sentences]),
        f0=_pad(
            [
                hz_to_semitones(s.prosody.f0, register.f0_median_hz).astype(np.float32)
                for s in sentences
            ]
        ),
        voiced=_pad([s.prosody.voiced for s in sentences]),
        frames=_pad([np.ones(s.phones.num_frames, dtype=bool) for s in sentences]),
        tokens=[s.tokens for s in sentences if s.tokens is not None],
        phone_edges=phones,
        frame_edges=frames,
        by_phone=_pad([handmade(s, e, register) for s, e in zip(sentences, phones, strict=True)]),
        by_frame=_pad([handmade(s, e, register) for s, e in zip(sentences, frames, strict=True)]),
    )


def even_phones(sentence: Sentence) -> Array:
    """Edges of the phones (N + 1,), evenly spaced in each word.

    At synthesis, the phones of a word are given and its position follows from the tokens. True
    edges would reveal the targets of the duration head.
    """
    words = sentence.hierarchy.words
    edges = sentence.phones.boundaries
    _, counts = np.unique(words.unit_at((edges[:-1] + edges[1:]) / 2), return_counts=True)
    starts = np.append(words.boundaries[:-1][: counts.size], words.num_frames).astype(float)
    if counts.size != len(words):  # a word without phones: keep the true edges
        return edges.astype(float)
    inner = [np.linspace(starts[w], starts[w + 1], n, endpoint=False) for w, n in enumerate(counts)]
    return np.append(np.concatenate(inner), starts[-1])


def handmade(sentence: Sentence, edges: Array, register: Register) -> NDArray[np.float32]:
    """Conventional prosody features of each unit between `edges`, of unit scale: (N, 4).

    Mean F0 of the word's voiced frames (semitones re the median over the spread), its mean energy,
    the logarithm of its duration, and the relative position of the unit in the word.
    """
    words, prosody = sentence.hierarchy.words, sentence.prosody
    semitones = hz_to_semitones(prosody.f0.astype(np.float64), register.f0_median_hz)
    unit = words.unit_at((edges[:-1] + edges[1:]) / 2)
    starts, durations = words.boundaries[:-1], words.durations
    voiced = np.add.reduceat(prosody.voiced.astype(float), starts)
    f0 = np.add.reduceat(semitones * prosody.voiced, starts) / np.maximum(voiced, 1)
    energy = np.add.reduceat(prosody.energy.astype(float), starts) / durations
    position = ((edges[:-1] + edges[1:]) / 2 - starts[unit]) / durations[unit]
    features = [
        f0[unit] / register.f0_spread_st,
        (energy[unit] - register.energy_level_db) / 20,
        np.log2(durations[unit] / 25),
        2 * position - 1,
    ]
    return np.stack(features, axis=1).astype(np.float32)


def cosines(positions: Tensor) -> Tensor:
    """Cosine features (..., 4) of positions from 0 to 1."""
    return torch.cos(torch.pi * torch.arange(1, COSINES + 1) * positions[..., None])


def _pad(rows: Sequence[object]) -> Tensor:
    return pad_sequence([torch.as_tensor(row) for row in rows], batch_first=True)
