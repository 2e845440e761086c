"""Input features of the label probes: codes alone, and features to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from prosodytok.evaluation.annotation.label_tasks import Task
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.evaluation.stats.bootstrap import Floats
from prosodytok.inference import inference
from prosodytok.nn.tensors import make_batch
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import Register, Segmentation
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones

#: Neighbouring units on either side with features in a probe's input.
REACH = 2
#: Cosines of the shape of F0 and of energy in a unit, the constant one included.
COSINES = 4
#: Offsets from a unit's highest and lowest point at which F0 is sampled (frames).
OFFSETS = (-40, -30, -20, -10, -5, 5, 10, 20, 30, 40)
#: Size of a rise or a fall of F0 (semitones), and the number of frames in which it is searched.
MOVEMENT_ST, SEARCH_FRAMES = 2.0, 80
#: Names of the feature sets.
CODES, COARSE = "codes, all levels", "codes, phrase + word"
RAW, LATENT, DURATION, SHUFFLED = "raw prosody", "latent", "duration", "shuffled codes"

#: For each utterance the features of its N word-level units, (N, D).
Rows = list[Floats]


def feature_sets(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], seed: int = 0
) -> dict[str, Rows]:
    """Features of the word-level units of utterances and of their context, by name.

    Codes are represented by their decoded prosody alone: course of F0 and energy, voicing and
    duration of each unit and of two units on either side (`unit_features`), and prominence of the
    unit's F0 in the utterance (`context_features`). `raw prosody` is the same of the sound itself;
    `latent` is the encoder's vectors of phrase and word before quantization; `duration` is the
    units' durations alone; `shuffled codes` are the codes permuted among all units of the corpus,
    which keeps the units' edges only.
    """
    return {
        CODES: _decoded(tokenizer, utterances, ("phrase", "word", "frame")),
        COARSE: _decoded(tokenizer, utterances, ("phrase", "word")),
        RAW: [_describe(u.example.prosody, _words(u), u.example.register) for u in utterances],
        LATENT: [_with_neighbours(latents(tokenizer, u)) for u in utterances],
        DURATION: [_with_neighbours(np.log(_words(u).durations)[:, None]) for u in utterances],
        SHUFFLED: _decoded(tokenizer, shuffled(utterances, seed), ("phrase", "word", "frame")),
    }


def rows_of(task: Task, utterances: Sequence[Labelled], rows: Rows) -> Floats:
    """Features of a task's cases, (M, D): those of the word-level unit at the middle of each."""
    found = []
    for index, (utterance, own) in enumerate(zip(utterances, rows, strict=True)):
        units = task.unit[task.utterance == index]
        places = _words(utterance).unit_at(utterance.middles[units])
        found.append(own[places])
    return np.concatenate(found)


def unit_features(prosody: Prosody, units: Segmentation, register: Register) -> Floats:
    """Features of each of N units, (N, D).

    Log duration (frames); F0 (semitones re the register's median; of voiced frames if there are
    any): mean, highest, lowest, range, first, last, relative positions of the highest and lowest,
    cosines; energy (dB re the register's level): mean, highest, cosines; share of voiced frames.
    """
    semitones = register_semitones(prosody.f0, register)
    energy = prosody.energy.astype(np.float64) - register.energy_level_db
    edges = pairwise(units.boundaries.tolist())
    return np.array([_measure(semitones[a:b], energy[a:b], prosody.voiced[a:b]) for a, b in edges])


def context_features(prosody: Prosody, units: Segmentation, register: Register) -> Floats:
    """Prominence of F0 in each of N units relative to its context, (N, D), in semitones.

    Height of its highest point above the highest before and after it in the utterance, and the same
    of its lowest point; F0 around these points; frames from the highest point to a fall, back to a
    rise, and from the lowest to a rise; and height of the end of voicing above the lowest point.
    """
    f0, voiced = register_semitones(prosody.f0, register), prosody.voiced
    edges = list(pairwise(units.boundaries.tolist()))
    counts = [voiced[a:b] if voiced[a:b].any() else np.ones(b - a, dtype=bool) for a, b in edges]
    top, bottom = (
        np.array(
            [
                a + int(pick(np.where(c, f0[a:b], worst)))
                for (a, b), c in zip(edges, counts, strict=True)
            ]
        )
        for pick, worst in ((np.argmax, -np.inf), (np.argmin, np.inf))
    )
    last = f0[voiced][-5:].mean() if voiced.any() else f0[-1]
    moves = [
        [
            _frames_to_movement(f0[k] - f0[k : k + SEARCH_FRAMES]),
            _frames_to_movement(f0[k] - f0[max(0, k - SEARCH_FRAMES) : k + 1][::-1]),
            _frames_to_movement(f0[m : m + SEARCH_FRAMES] - f0[m]),
        ]
        for k, m in zip(top, bottom, strict=True)
    ]
    around = [
        f0[np.clip(points[:, None] + np.array(OFFSETS), 0, f0.size - 1)] - f0[points][:, None]
        for points in (top, bottom)
    ]
    return np.hstack(
        [
            _excess(f0[top]),
            _excess(-f0[bottom]),
            *around,
            np.array(moves),
            (last - f0[bottom])[:, None],
        ]
    )


def _excess(heights: Floats) -> Floats:
    """Excess of each of N heights over the greatest before it, and after it, (N, 2)."""
    before = np.concatenate([heights[:1], np.maximum.accumulate(heights)[:-1]])
    after = np.concatenate([np.maximum.accumulate(heights[::-1])[-2::-1], heights[-1:]])
    return np.stack([heights - before, heights - after], axis=1)


def _frames_to_movement(change: Floats) -> int:
    """Frames until F0 has changed by `MOVEMENT_ST`."""
    reached = np.flatnonzero(change > MOVEMENT_ST)
    return int(reached[0]) if reached.size else SEARCH_FRAMES


def register_semitones(f0: NDArray[np.floating], register: Register) -> Floats:
    """F0 (Hz) in semitones re the register's median, (T,)."""
    hz = f0.astype(np.float64)
    return np.asarray(hz_to_semitones(hz, register.f0_median_hz), dtype=np.float64)


def _measure(f0: Floats, energy: Floats, voiced: NDArray[np.bool_]) -> list[float]:
    spoken = f0[voiced] if voiced.any() else f0
    position = (np.arange(f0.size) + 0.5) / f0.size
    cosines = np.cos(np.pi * np.arange(1, COSINES)[:, None] * position) / f0.size
    return [
        np.log(f0.size),
        spoken.mean(),
        spoken.max(),
        spoken.min(),
        np.ptp(spoken),
        f0[0],
        f0[-1],
        f0.argmax() / f0.size,
        f0.argmin() / f0.size,
        *(cosines @ f0),
        energy.mean(),
        energy.max(),
        *(cosines @ energy),
        voiced.mean(),
    ]


@inference()
def latents(tokenizer: ProsodyTokenizer, utterance: Labelled) -> Floats:
    """Encoder vectors of each word and its phrase before quantization, (N, 2 D)."""
    batch = make_batch([utterance.example], tokenizer.config.patch)
    units: dict[str, Floats] = {}

    def keep(name: str, found: torch.Tensor, *_: object) -> torch.Tensor:
        units[name] = found.numpy().astype(np.float64)
        codes: torch.Tensor = tokenizer.network.quantizer(name)(found)[1]
        return codes

    tokenizer.network.encode(batch, choose=keep)
    words = _words(utterance)
    phrase = utterance.tokens["phrase"].segmentation.unit_at(words.boundaries[:-1])
    return np.concatenate([units["word"], units["phrase"][phrase]], axis=1)


def shuffled(utterances: Sequence[Labelled], seed: int) -> list[Labelled]:
    """Utterances with the codes of each level permuted among all of their units."""
    rng = np.random.default_rng(seed)
    permuted = []
    for levels in zip(*[u.tokens.levels for u in utterances], strict=True):
        pool = np.concatenate([level.codes for level in levels], axis=1)
        ends = np.cumsum([len(level) for level in levels])[:-1]
        parts = np.split(pool[:, rng.permutation(pool.shape[1])], ends, axis=1)
        permuted.append([replace(x, codes=codes) for x, codes in zip(levels, parts, strict=True)])
    return [
        replace(utterance, tokens=replace(utterance.tokens, levels=levels))
        for utterance, levels in zip(utterances, zip(*permuted, strict=True), strict=True)
    ]


def _decoded(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], levels: Sequence[str]
) -> Rows:
    prosodies = tokenizer.decode_batch([u.tokens for u in utterances], levels)
    return [
        _describe(p, _words(u), u.tokens.register)
        for u, p in zip(utterances, prosodies, strict=True)
    ]


def _describe(prosody: Prosody, units: Segmentation, register: Register) -> Floats:
    """Features of each unit, of its neighbours and of its context, (N, D)."""
    own = unit_features(prosody, units, register)
    return np.hstack([_with_neighbours(own), context_features(prosody, units, register)])


def _words(utterance: Labelled) -> Segmentation:
    return utterance.tokens["word"].segmentation


def _with_neighbours(rows: Floats) -> Floats:
    """Rows with those of `REACH` units on either side (zeros beyond), and differences."""
    padded = np.pad(rows, [(REACH, REACH), (0, 0)])
    shifted = [padded[i : i + len(rows)] for i in range(2 * REACH + 1)]
    steps = [rows - shifted[REACH - 1], rows - shifted[REACH + 1]]
    return np.concatenate([*shifted, *steps], axis=1)
