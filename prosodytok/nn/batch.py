"""Inputs and outputs of the network. NumPy alone; `nn.tensors` computes with the same in torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.layout import Array, Layout, lay_out
from prosodytok.nn.timing import phrase_timing, word_timing
from prosodytok.nn.unit_points import points_of_units
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, denormalize, normalize
from prosodytok.types.segmentation import Hierarchy

#: F0, voicing and energy.
NUM_CHANNELS = 3


@dataclass(frozen=True)
class Example:
    """One utterance, ready for the network.

    Parameters
    ----------
    prosody : Prosody
        F0, voicing and energy of T frames.
    hierarchy : Hierarchy
        Words and phrases over the same frames.
    register : Register
        The register that normalises the prosody.
    ssl : (S, D) float32, optional
        Self-supervised embeddings, one for each network step.
    """

    prosody: Prosody
    hierarchy: Hierarchy
    register: Register
    ssl: NDArray[np.floating[Any]] | None = None


@dataclass(frozen=True)
class Batch(Generic[Array]):
    """Utterances for training or encoding.

    Parameters
    ----------
    frames : (B, S, patch * 3) float32
        Normalised F0, voicing and energy.
    scale : (B, 2) float32
        Semitones and dB of a normalised F0 and energy of 1.
    noise : (B,) float32
        Normalised energy of each recording's noise.
    layout : Layout
        The units.
    points : mapping of str to (M, F) float32
        Phrases and words in their own time; see `nn.unit_points`.
    pauses : (M_word,) float32
        1 for words that are pauses, 0 for others.
    ssl : (B, S, D) float32, optional
        Self-supervised embeddings.
    registers : tuple of Register
        One for each utterance.
    word_timing : (M_word,) float32
        Target of `Decoded.word_timing`.
    phrase_timing : (M_phrase, 2) float32
        Target of `Decoded.phrase_timing`.
    """

    frames: Array
    scale: Array
    noise: Array
    layout: Layout[Array]
    points: Mapping[str, Array]
    pauses: Array
    ssl: Array | None
    registers: tuple[Register, ...]
    word_timing: Array
    phrase_timing: Array


@dataclass(frozen=True)
class Decoded(Generic[Array]):
    """Decoder output.

    Parameters
    ----------
    f0 : (B, T) float32
        Normalised F0.
    voicing : (B, T) float32
        Logit of the probability of voicing.
    energy : (B, T) float32
        Normalised energy.
    word_timing : (M_word,) float32
        Duration of each word, as `nn.timing.word_timing` defines it.
    phrase_timing : (M_phrase, 2) float32
        Rate of each phrase and the pause after it, as `nn.timing.phrase_timing` defines them.
    """

    f0: Array
    voicing: Array
    energy: Array
    word_timing: Array
    phrase_timing: Array

    def prosody(
        self: Decoded[NDArray[np.float32]], row: int, num_frames: int, register: Register
    ) -> Prosody:
        """One utterance without its padding, in a register."""
        f0, voicing, energy = (x[row, :num_frames] for x in (self.f0, self.voicing, self.energy))
        return denormalize(f0, voicing > 0, energy, register)


def collate(examples: Sequence[Example], patch: int) -> Batch[NDArray[Any]]:
    """Stack utterances, with zeros behind the shorter ones."""
    layout = lay_out([e.hierarchy for e in examples], patch)
    batch, steps, _ = layout.mask.shape
    frames = np.zeros((batch, steps * patch, NUM_CHANNELS), dtype=np.float32)
    own = [normalize(e.prosody, e.register) for e in examples]
    for row, normalized in enumerate(own):
        frames[row, : len(normalized)] = normalized
    points = [points_of_units(x, e.hierarchy) for x, e in zip(own, examples, strict=True)]
    pauses = np.concatenate([e.hierarchy.silent for e in examples])
    scale = [(e.register.f0_spread_st, e.register.energy_range_db) for e in examples]
    return Batch(
        frames.reshape(batch, steps, -1),
        np.array(scale, dtype=np.float32),
        np.array([_noise(e.register) for e in examples], dtype=np.float32),
        layout,
        {name: np.concatenate([p[name] for p in points]) for name in points[0]},
        pauses.astype(np.float32),
        _stack_ssl(examples, steps),
        tuple(e.register for e in examples),
        np.concatenate([word_timing(e.hierarchy, e.register) for e in examples]),
        np.concatenate([phrase_timing(e.prosody, e.hierarchy, e.register) for e in examples]),
    )


def batches_by_length(lengths: NDArray[np.int64], batch_frames: int) -> list[slice]:
    """Cut utterances, sorted by length, into runs that take at most `batch_frames` when padded."""
    chunks, start = [], 0
    for end in range(1, len(lengths) + 1):
        full = end == len(lengths) or (end + 1 - start) * lengths[end] > batch_frames
        if full:
            chunks.append(slice(start, end))
            start = end
    return chunks


def _noise(register: Register) -> float:
    """Normalised energy of a recording's noise."""
    return (register.noise_level_db - register.energy_level_db) / register.energy_range_db


def _stack_ssl(examples: Sequence[Example], steps: int) -> NDArray[np.float32] | None:
    if examples[0].ssl is None:
        return None
    dim = examples[0].ssl.shape[1]
    stacked = np.zeros((len(examples), steps, dim), dtype=np.float32)
    for row, example in enumerate(examples):
        assert example.ssl is not None
        stacked[row, : len(example.ssl)] = example.ssl
    return stacked
