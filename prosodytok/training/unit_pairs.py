"""Units of training speech beside those of changed copies, for the fit of their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from prosodytok.nn.unit_points import GRIDS, unit_points
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types.prosody import Prosody
from prosodytok.types.register import Register, normalize
from prosodytok.types.segmentation import Hierarchy

#: Probability that a copy's phrase is cut at one end, the most that is cut (frames), and the least
#: that remains.
CUT_CHANCE, LONGEST_CUT, SHORTEST_PHRASE = 0.3, 30, 60


@dataclass(frozen=True)
class UnitPairs:
    """Units of training speech and of changed copies of it.

    Parameters
    ----------
    points, changed : (N, F) float32
        Points of each unit and of its copy; see `nn.unit_points`.
    scale : (N, 2) float32
        Semitones and dB of a normalised F0 and energy of 1.
    pauses : (P, F) float32
        Points of pauses.
    """

    points: Tensor
    changed: Tensor
    scale: Tensor
    pauses: Tensor


def unit_pairs(
    utterances: Sequence[CachedUtterance],
    copies: Mapping[str, Sequence[Prosody]],
    name: str,
    jitter: float,
    seed: int,
) -> UnitPairs:
    """The units of a level in training speech and in its changed copies."""
    rng, columns = np.random.default_rng(seed), _Columns([], [], [], [])
    for utterance in utterances:
        register = Register.estimate(utterance.prosody)
        frames = normalize(utterance.prosody, register)
        own = copies.get(utterance.id) or [utterance.prosody]
        changed = [normalize(copy, Register.estimate(copy)) for copy in own]
        scale = (register.f0_spread_st, register.energy_range_db)
        for hierarchy in utterance.hierarchies:
            _add_units(columns, name, hierarchy, frames, changed, scale, jitter, rng)
    return UnitPairs(*(torch.from_numpy(np.concatenate(c)) for c in vars(columns).values()))


@dataclass(frozen=True)
class _Columns:
    points: list[NDArray[np.float32]]
    changed: list[NDArray[np.float32]]
    scale: list[NDArray[np.float32]]
    pauses: list[NDArray[np.float32]]


def _add_units(
    columns: _Columns,
    name: str,
    hierarchy: Hierarchy,
    frames: NDArray[np.float32],
    changed: Sequence[NDArray[np.float32]],
    scale: tuple[float, float],
    jitter: float,
    rng: np.random.Generator,
) -> None:
    grid = GRIDS[name]
    if name == "phrase":
        start, end = hierarchy.speech_of_phrases
    else:
        edges, spoken = hierarchy.words.boundaries, ~hierarchy.silent
        columns.pauses.append(unit_points(frames, edges[:-1][~spoken], edges[1:][~spoken], grid))
        start, end = edges[:-1][spoken], edges[1:][spoken]
    points = unit_points(frames, start, end, grid)
    for copy in changed:
        moved = _move(start, end, len(copy), jitter, rng, cut=name == "phrase")
        columns.points.append(points)
        columns.changed.append(unit_points(copy, *moved, grid))
        columns.scale.append(np.tile(np.array(scale, np.float32), (len(points), 1)))
    columns.pauses.append(points[:0])


def _move(
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    num_frames: int,
    jitter: float,
    rng: np.random.Generator,
    cut: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges of units moved at random, and with `cut` some of them far."""
    first, last = (
        x + np.round(rng.normal(0, jitter, x.size)).astype(np.int64) for x in (start, end)
    )
    if cut:
        room = np.maximum(np.minimum(LONGEST_CUT, end - start - SHORTEST_PHRASE), 0)
        much = (rng.random(start.size) * room).astype(np.int64)
        which = rng.random(start.size)
        first = first + np.where(which < CUT_CHANCE / 2, much, 0)
        last = last - np.where(which > 1 - CUT_CHANCE / 2, much, 0)
    first = np.clip(first, 0, num_frames - 2)
    return first, np.clip(last, first + 2, num_frames)
