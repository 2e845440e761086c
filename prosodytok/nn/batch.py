"""Utterances as a network takes them, side by side, as arrays of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from prosodytok.nn.layout import Array, LayoutArrays, lay_out
from prosodytok.nn.timing import phrase_timing, word_timing
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.segmentation import Hierarchy


@dataclass(frozen=True)
class Example:
    """One utterance as the network takes it.

    Parameters
    ----------
    prosody : Prosody
        What the voice did.
    hierarchy : Hierarchy
        Its words and phrases.
    register : Register
        The voice to take away.
    ssl : (S, D) float32, optional
        Self-supervised embeddings, one for each network step.
    """

    prosody: Prosody
    hierarchy: Hierarchy
    register: Register
    ssl: NDArray[np.floating[Any]] | None = None


@dataclass(frozen=True)
class BatchArrays(Generic[Array]):
    """Utterances for training or encoding.

    Parameters
    ----------
    frames : (B, S, patch * 3) float32
        Normalised F0, voicing and energy.
    scale : (B, 2) float32
        What 1 of normalised F0 and of energy is: semitones and dB.
    layout : LayoutArrays
        The units.
    ssl : (B, S, D) float32, optional
        Self-supervised embeddings.
    registers : tuple of Register
        One for each utterance.
    word_timing : (M_word,) float32
        What `Decoded.word_timing` should be.
    phrase_timing : (M_phrase, 2) float32
        What `Decoded.phrase_timing` should be.
    """

    frames: Array
    scale: Array
    layout: LayoutArrays[Array]
    ssl: Array | None
    registers: tuple[Register, ...]
    word_timing: Array
    phrase_timing: Array


def collate(examples: Sequence[Example], patch: int) -> BatchArrays[NDArray[Any]]:
    """Lay utterances side by side, padding their ends with zeros."""
    layout = lay_out([e.hierarchy for e in examples], patch)
    batch, steps, _ = layout.mask.shape
    frames = np.zeros((batch, steps * patch, 3), dtype=np.float32)
    for row, example in enumerate(examples):
        frames[row, : example.prosody.num_frames] = normalize(example.prosody, example.register)
    scale = [(e.register.f0_spread_st, e.register.energy_range_db) for e in examples]
    return BatchArrays(
        frames.reshape(batch, steps, -1),
        np.array(scale, dtype=np.float32),
        layout,
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


def _stack_ssl(examples: Sequence[Example], steps: int) -> NDArray[np.float32] | None:
    if examples[0].ssl is None:
        return None
    dim = examples[0].ssl.shape[1]
    stacked = np.zeros((len(examples), steps, dim), dtype=np.float32)
    for row, example in enumerate(examples):
        assert example.ssl is not None
        stacked[row, : len(example.ssl)] = example.ssl
    return stacked
