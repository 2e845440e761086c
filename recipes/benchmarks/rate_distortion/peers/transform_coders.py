"""Two peers based on `Transform`: voicing as a third stream, and voicing as run lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok import Prosody
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.types import Hierarchy, Register

from .peer import STREAMS, Coded, Codes, State
from .tracks import Array, from_tracks, to_tracks
from .transform import WINDOW, Transform, Windows
from .voicing_runs import RunCoder, from_runs, to_runs, without_short_runs

#: Scales of voicing and energy (semitones per unit and per dB), so that all streams share one step.
VOICING, ENERGY = 4.0, 0.2
#: Weight of F0 in unvoiced frames.
UNVOICED = 0.02
#: Shortest run of voicing that is coded (frames).
SHORTEST = 4
#: Frames of voicing on either side from which energy is predicted.
CONTEXT = 24
#: Training utterances used for fitting.
FIT_UTTERANCES = 800


class TransformCoder:
    """F0, voicing (above 1/2) and energy by `Transform`, with one step (semitones)."""

    streams: tuple[str, ...] = STREAMS

    def __init__(self, step: float) -> None:
        self.name = f"transform coder, step {step:g}"
        self.transform = Transform(step)

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the transforms and the tables."""
        examples = [u.example() for u in _sample(utterances)]
        parts = [self._windows(e.prosody, e.register) for e in examples]
        self.transform.fit(Windows.join(parts))

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode; there is no fixed-length rate."""
        codes = self.transform.encode(self._windows(prosody, register))
        estimate = self.decode(codes, hierarchy.words.num_frames, register)
        return Coded(estimate, float("nan"), codes, self.transform.bits(codes))

    def decode(self, codes: Codes, num_frames: int, register: Register) -> Prosody:
        """Prosody of codes (192, N)."""
        tracks = self.transform.decode(codes)[:num_frames] / self._scales(register)
        return from_tracks(tracks, register)

    def state(self) -> State:
        """Fitted parameters as arrays."""
        return self.transform.state()

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `state`."""
        self.transform.load(state)

    def _windows(self, prosody: Prosody, register: Register) -> Windows:
        tracks = to_tracks(prosody, register) * self._scales(register)
        weights = np.ones_like(tracks)
        weights[:, 0] = np.where(prosody.voiced, 1.0, UNVOICED)
        return Windows.of(tracks, weights)

    def _scales(self, register: Register) -> Array:
        """Factors from tracks to semitones, scaled voicing and scaled dB."""
        scales = (register.f0_spread_st, VOICING, ENERGY * register.energy_range_db)
        return np.array(scales, dtype=np.float32)


class RunTransformCoder:
    """Voicing as run lengths; F0, and energy minus its prediction from voicing, by `Transform`.

    A classical coder with a model of voicing: an edge costs less than the many coefficients of a
    step function, and a linear filter over voicing predicts two thirds of the variance of energy.
    All quantisers have one step (semitones); runs of voicing below `shortest` frames are merged
    with their neighbours.
    """

    streams: tuple[str, ...] = STREAMS

    def __init__(self, step: float, shortest: int = SHORTEST) -> None:
        self.name = f"transform coder, voicing as runs, step {step:g}"
        self.shortest = shortest
        self.transform = Transform(step)

    def fit(self, utterances: Sequence[CachedUtterance]) -> None:
        """Fit the tables of runs, the filter, the transforms and their tables."""
        examples = [u.example() for u in _sample(utterances)]
        voicings = [without_short_runs(e.prosody.voiced, self.shortest) for e in examples]
        self.runs = RunCoder.fit(voicings)
        inputs = np.concatenate([_contexts(v) for v in voicings])
        energy = [to_tracks(e.prosody, e.register)[:, 2] for e in examples]
        self.filter = np.linalg.lstsq(inputs, np.concatenate(energy), rcond=None)[0]
        pairs = zip(examples, voicings, strict=True)
        parts = [self._windows(e.prosody, v, e.register) for e, v in pairs]
        self.transform.fit(Windows.join(parts))

    def code(self, prosody: Prosody, hierarchy: Hierarchy, register: Register) -> Coded:
        """Encode, count the bits, and decode; there is no fixed-length rate."""
        voiced = without_short_runs(prosody.voiced, self.shortest)
        runs = to_runs(voiced)
        codes = self.transform.encode(self._windows(prosody, voiced, register))
        stream = np.concatenate([runs, codes.ravel()])[None]
        bits = self.runs.bits(runs) + self.transform.bits(codes)
        estimate = self.decode(stream, hierarchy.words.num_frames, register)
        return Coded(estimate, float("nan"), stream, bits)

    def decode(self, codes: Codes, num_frames: int, register: Register) -> Prosody:
        """Prosody of codes (1, M): the runs, and then 128 symbols for each window."""
        runs, symbols = self._parts(codes, num_frames)
        voiced = from_runs(runs)
        decoded = self.transform.decode(symbols)[:num_frames] / self._scales(register)
        energy = decoded[:, 1] + _contexts(voiced) @ self.filter
        tracks = np.stack([decoded[:, 0], voiced, energy], axis=1)
        return from_tracks(tracks.astype(np.float32), register)

    def state(self) -> State:
        """Fitted parameters as arrays."""
        return {"filter": self.filter, **self.runs.state(), **self.transform.state()}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Restore the arrays of `state`."""
        self.filter, self.runs = state["filter"], RunCoder.load(state)
        self.transform.load(state)

    def _parts(self, codes: Codes, num_frames: int) -> tuple[Codes, Codes]:
        ends = np.flatnonzero(np.cumsum(codes[0]) == num_frames)
        count = int(ends[0]) + 1
        return codes[0, :count], codes[0, count:].reshape(2 * WINDOW, -1)

    def _windows(self, prosody: Prosody, voiced: NDArray[np.bool_], register: Register) -> Windows:
        tracks = to_tracks(prosody, register)
        energy = tracks[:, 2] - _contexts(voiced) @ self.filter
        values = np.stack([tracks[:, 0], energy], axis=1) * self._scales(register)
        weights = np.stack([np.where(prosody.voiced, 1.0, UNVOICED), np.ones_like(energy)], axis=1)
        return Windows.of(values.astype(np.float32), weights.astype(np.float32))

    def _scales(self, register: Register) -> Array:
        """Factors from F0 and energy to semitones and scaled dB."""
        scales = (register.f0_spread_st, ENERGY * register.energy_range_db)
        return np.array(scales, dtype=np.float32)


def _contexts(voiced: NDArray[np.bool_]) -> Array:
    """Voicing around each frame, and a 1: (T, 50)."""
    padded = np.pad(voiced.astype(np.float32), CONTEXT, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * CONTEXT + 1)
    return np.concatenate([around, np.ones((voiced.size, 1), np.float32)], axis=1)


def _sample(utterances: Sequence[CachedUtterance]) -> Sequence[CachedUtterance]:
    return utterances[:: max(1, len(utterances) // FIT_UTTERANCES)]
