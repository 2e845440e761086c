"""What a probe may look at when it tells labels: codes alone, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import Floats
from prosodytok.evaluation.labelled import Labelled, Task
from prosodytok.nn.tensors import make_batch
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import Register, Segmentation
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones

#: Units on either side that a probe sees.
REACH = 2
#: Cosines that tell the shape of F0 and of energy in a unit.
COSINES = 4
#: Where F0 is measured around a unit's highest and lowest point (frames).
AROUND = (-40, -30, -20, -10, -5, 5, 10, 20, 30, 40)
#: By how much F0 must have moved for a rise or a fall (semitones), looked for in so many frames.
MOVED, LOOKED_AT = 2.0, 80
#: Names of the feature sets.
CODES, COARSE = "codes, all levels", "codes, phrase + word"
RAW, LATENT, DURATION, SHUFFLED = "raw prosody", "latent", "duration", "shuffled codes"

#: From utterances to one row for each of their word-level units, (N, D) each.
Rows = list[Floats]


def feature_sets(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], seed: int = 0
) -> dict[str, Rows]:
    """Features of the word-level units of utterances and what stands around them, by name.

    What codes tell is what they decode to: each unit's course of F0 and energy, its voicing and its
    length, the same of two units on either side (`unit_features`), and how it stands out from the
    rest (`context_features`), measured on the decoded prosody alone. `raw prosody` is the same on
    the sound itself, what a phonetician would measure; `latent` is what the encoder has of a phrase
    and a word before they are quantised; `duration` is the units' lengths alone; `shuffled codes`
    are the codes dealt anew among all units, so that only the units' edges are left.
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
    """Features of a task's cases, (M, D).

    A case is asked of the unit that holds its middle.
    """
    found = []
    for index, (utterance, own) in enumerate(zip(utterances, rows, strict=True)):
        units = task.unit[task.utterance == index]
        places = _words(utterance).unit_at(utterance.middles[units])
        found.append(own[places])
    return np.concatenate(found)


def unit_features(prosody: Prosody, units: Segmentation, register: Register) -> Floats:
    """What is measured of each of N units, (N, D).

    Logarithm of the length (frames); F0 (semitones re the register's median, voiced frames where
    there are any): mean, highest, lowest, range, first, last, place of the highest and the lowest,
    slope, and cosines; energy (dB re the register's level): mean, highest, cosines; share of voice.
    """
    semitones = own_semitones(prosody.f0, register)
    energy = prosody.energy.astype(np.float64) - register.energy_level_db
    edges = pairwise(units.boundaries.tolist())
    return np.array([_measure(semitones[a:b], energy[a:b], prosody.voiced[a:b]) for a, b in edges])


def context_features(prosody: Prosody, units: Segmentation, register: Register) -> Floats:
    """How F0 in each of N units stands out from what is around it, (N, D), in semitones.

    Its highest point above the highest before and after it in the utterance, its lowest point
    likewise; F0 around these points; frames from the highest point to a fall, back to a rise, and
    from the lowest to a rise; and where the voice ends, above the unit's lowest point.
    """
    f0, voiced = own_semitones(prosody.f0, register), prosody.voiced
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
            _wait(f0[k] - f0[k : k + LOOKED_AT]),
            _wait(f0[k] - f0[max(0, k - LOOKED_AT) : k + 1][::-1]),
            _wait(f0[m : m + LOOKED_AT] - f0[m]),
        ]
        for k, m in zip(top, bottom, strict=True)
    ]
    around = [
        f0[np.clip(points[:, None] + np.array(AROUND), 0, f0.size - 1)] - f0[points][:, None]
        for points in (top, bottom)
    ]
    return np.hstack(
        [
            _beyond(f0[top]),
            _beyond(-f0[bottom]),
            *around,
            np.array(moves),
            (last - f0[bottom])[:, None],
        ]
    )


def _beyond(heights: Floats) -> Floats:
    """By how much each of N heights exceeds the greatest before it, and after it, (N, 2)."""
    before = np.concatenate([heights[:1], np.maximum.accumulate(heights)[:-1]])
    after = np.concatenate([np.maximum.accumulate(heights[::-1])[-2::-1], heights[-1:]])
    return np.stack([heights - before, heights - after], axis=1)


def _wait(moved: Floats) -> int:
    """Frames until F0 has moved."""
    far = np.flatnonzero(moved > MOVED)
    return int(far[0]) if far.size else LOOKED_AT


def own_semitones(f0: NDArray[np.floating], register: Register) -> Floats:
    """F0 (Hz) in semitones re the register's median, (T,)."""
    hz = f0.astype(np.float64)
    return np.asarray(hz_to_semitones(hz, register.f0_median_hz), dtype=np.float64)


def _measure(f0: Floats, energy: Floats, voiced: NDArray[np.bool_]) -> list[float]:
    heard = f0[voiced] if voiced.any() else f0
    place = (np.arange(f0.size) + 0.5) / f0.size
    cosines = np.cos(np.pi * np.arange(1, COSINES)[:, None] * place) / f0.size
    return [
        np.log(f0.size),
        heard.mean(),
        heard.max(),
        heard.min(),
        np.ptp(heard),
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


@torch.inference_mode()
def latents(tokenizer: ProsodyTokenizer, utterance: Labelled) -> Floats:
    """What the encoder has of each word and its phrase before they are quantised, (N, 2 D)."""
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
    """The same utterances with the codes of each level dealt anew among all their units."""
    rng = np.random.default_rng(seed)
    dealt = []
    for levels in zip(*[u.tokens.levels for u in utterances], strict=True):
        pool = np.concatenate([level.codes for level in levels], axis=1)
        ends = np.cumsum([len(level) for level in levels])[:-1]
        hands = np.split(pool[:, rng.permutation(pool.shape[1])], ends, axis=1)
        dealt.append([replace(x, codes=codes) for x, codes in zip(levels, hands, strict=True)])
    return [
        replace(utterance, tokens=replace(utterance.tokens, levels=levels))
        for utterance, levels in zip(utterances, zip(*dealt, strict=True), strict=True)
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
    """All that is measured of each unit, its neighbours and its surroundings, (N, D)."""
    own = unit_features(prosody, units, register)
    return np.hstack([_with_neighbours(own), context_features(prosody, units, register)])


def _words(utterance: Labelled) -> Segmentation:
    return utterance.tokens["word"].segmentation


def _with_neighbours(rows: Floats) -> Floats:
    """Rows with those of `REACH` units on either side, zeros beyond, and steps to the next ones."""
    padded = np.pad(rows, [(REACH, REACH), (0, 0)])
    shifted = [padded[i : i + len(rows)] for i in range(2 * REACH + 1)]
    steps = [rows - shifted[REACH - 1], rows - shifted[REACH + 1]]
    return np.concatenate([*shifted, *steps], axis=1)
