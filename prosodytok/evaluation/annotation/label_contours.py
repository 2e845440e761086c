"""F0 reconstructed from hand labels and from tokens: explained variance, and bits per second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation import Annotation
from prosodytok.evaluation.annotation.label_features import register_semitones
from prosodytok.evaluation.annotation.label_tasks import MIN_CASES, OTHER, accent_name
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import require
from prosodytok.types.units import frame_times

#: Marks of each kind before and after a frame that are inputs of the regressor, and the largest
#: distance (s).
REACH, MAX_DISTANCE = {"accents": 2, "edges": 1}, 2.0
FOLDS = 5
#: The regressors; their predictions are averaged.
TREES: dict[str, Any] = {"n_estimators": 50, "min_samples_leaf": 8, "max_features": 0.4}
BOOSTING: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "min_samples_leaf": 100,
    "max_features": 0.3,
    "max_leaf_nodes": 16,
}
#: Distance of the regressor's training frames.
STRIDE = 4
#: Grid of the more expensive coding of places (s).
GRID = 0.02
LABELS, BOTH, NEITHER = "hand labels", "hand labels and tokens", "no labels (place alone)"
WORDS = "word alone"


@dataclass(frozen=True)
class ContourScore:
    """R² of F0 with its interval, and least and most bits per second, by the coding of places."""

    r2: Interval
    bits_per_second: tuple[float, float]


@dataclass(frozen=True)
class Marks:
    """Accents or edges of an utterance by time: spans (s; of an edge a point), indices of types."""

    start: Floats
    end: Floats
    types: NDArray[np.int64]

    @property
    def middle(self) -> Floats:
        """Middles of the spans (s)."""
        return (self.start + self.end) / 2


def compare_contours(
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Labelled],
    groups: Sequence[str],
    seed: int = 0,
) -> dict[str, ContourScore]:
    """R² of F0 and bits per second of labels, of tokens by levels, and of both together.

    R² is about each utterance's median, over the frames voiced in the reference, in semitones. The
    regressor (extremely randomised trees and gradient boosting) gets at each frame the spans and
    types of the marks around it, is trained on other speakers or recordings, and gets the register
    as the tokens do. The tokenizer was not trained on this speech.
    """
    marks, names = read_marks([u.annotation for u in utterances])
    place = [_place(u) for u in utterances]
    tokens = [u.tokens for u in utterances]
    around = [_around(m, t.num_frames, len(names)) for m, t in zip(marks, tokens, strict=True)]
    decoded = {
        name: [
            register_semitones(p.f0, t.register)
            for t, p in zip(tokens, tokenizer.decode_batch(tokens, levels), strict=True)
        ]
        for name, levels in _subsets(utterances).items()
    }
    labelled = [np.hstack(pair) for pair in zip(place, around, strict=True)]
    coarse = decoded["phrase + word"]
    with_tokens = [np.hstack([x, y[:, None]]) for x, y in zip(labelled, coarse, strict=True)]
    inputs = {NEITHER: place, LABELS: labelled, BOTH: with_tokens}
    fitted = {name: _regress(x, utterances, groups, seed) for name, x in inputs.items()}
    rates = _rates(utterances, bits_of_marks(marks, utterances, len(names)))
    return {
        name: ContourScore(_r2(found, utterances, groups, seed), rates[name])
        for name, found in (fitted | decoded).items()
    }


def read_marks(annotations: Sequence[Annotation]) -> tuple[list[dict[str, Marks]], list[str]]:
    """``accents`` and ``edges`` of each utterance, and the names of the types."""
    listed = [
        {
            "accents": [(a.start, a.end, accent_name(a)) for a in annotation.accents],
            "edges": [(b.time, b.time, f"{b.side} {b.tone}") for b in annotation.boundaries],
        }
        for annotation in annotations
    ]
    counts = Counter(name for kinds in listed for rows in kinds.values() for *_, name in rows)
    names = [name for name, count in counts.most_common() if count >= MIN_CASES] + [OTHER]
    number: Mapping[str, int] = {name: i for i, name in enumerate(names)}

    def to_marks(rows: list[tuple[float, float, str]]) -> Marks:
        rows = sorted(rows, key=lambda row: row[0] + row[1])
        spans = np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
        types = np.array([number.get(name, len(names) - 1) for *_, name in rows], dtype=np.int64)
        return Marks(spans[:, 0], spans[:, 1], types)

    return [{kind: to_marks(rows) for kind, rows in kinds.items()} for kinds in listed], names


def bits_of_marks(
    marks: Sequence[Mapping[str, Marks]], utterances: Sequence[Labelled], num_types: int
) -> tuple[float, float]:
    """Bits of all marks, with their places coded by the unit, and on a grid of 20 ms.

    Types are coded by their frequencies in the corpus. By the unit, each labelled unit has one flag
    for an accent and one for an edge, each coded at its entropy; on the grid, the places of an
    utterance are coded as one of all sets of as many places.
    """
    types = np.concatenate([m.types for kinds in marks for m in kinds.values()])
    share = np.bincount(types, minlength=num_types) / types.size
    type_bits = -float(np.log2(share[types]).sum())
    units = sum(len(u.labels) for u in utterances)
    flags = [sum(kinds[kind].types.size for kinds in marks) / units for kind in REACH]
    by_unit = units * sum(_entropy(min(share, 1.0)) for share in flags)
    by_grid = sum(
        log2(comb(max(1, round(u.tokens.duration / GRID)), sum(m.types.size for m in k.values())))
        for k, u in zip(marks, utterances, strict=True)
    )
    return type_bits + by_unit, type_bits + by_grid


def _entropy(share: float) -> float:
    """Entropy of a flag (bits); scikit-learn has none."""
    return -sum(p * log2(p) for p in (share, 1 - share) if p > 0)


def _rates(
    utterances: Sequence[Labelled], label_bits: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Least and most bits per second of each estimate."""
    seconds = sum(u.tokens.duration for u in utterances)
    tokens = {}
    for name, levels in _subsets(utterances).items():
        bits = sum(sum(u.tokens.select(levels).bits.values()) for u in utterances)
        tokens[name] = (bits / seconds, bits / seconds)
    least, most = (bits / seconds for bits in label_bits)
    coarse, _ = tokens["phrase + word"]
    return {
        NEITHER: (0.0, 0.0),
        LABELS: (least, most),
        BOTH: (least + coarse, most + coarse),
        **tokens,
    }


def _subsets(utterances: Sequence[Labelled]) -> dict[str, tuple[str, ...]]:
    """Decoded levels by name: words alone, and each prefix."""
    return {WORDS: ("word",), **utterances[0].tokens.prefixes}


def _reference_f0(utterance: Labelled) -> Floats:
    """Reference F0 (semitones re the register's median)."""
    return register_semitones(utterance.reference.prosody.f0, utterance.tokens.register)


def _place(utterance: Labelled) -> Floats:
    """Position of each frame, (T, 3): frames from the beginning, to the end, and relative."""
    frames = utterance.tokens.num_frames
    middle = np.arange(frames) + 0.5
    return np.stack([middle, frames - middle, middle / frames], axis=1)


def _around(marks: Mapping[str, Marks], num_frames: int, num_types: int) -> Floats:
    """Spans of the marks around each frame, and their types, (T, D)."""
    frames = frame_times(num_frames)
    return np.concatenate(
        [
            _beside(
                marks[kind], np.searchsorted(marks[kind].middle, frames) + shift, frames, num_types
            )
            for kind, reach in REACH.items()
            for shift in range(-reach, reach)
        ],
        axis=1,
    )


def _beside(marks: Marks, index: NDArray[np.int64], frames: Floats, num_types: int) -> Floats:
    """Times from each frame to its mark's start, middle and end, and one-hot type, (T, D)."""
    there = (index >= 0) & (index < marks.types.size)
    times = np.stack([marks.start, marks.middle, marks.end], axis=1)
    distance = np.full((len(frames), 3), MAX_DISTANCE) * np.where(index < 0, -1, 1)[:, None]
    distance[there] = (times[index[there]] - frames[there, None]).clip(-MAX_DISTANCE, MAX_DISTANCE)
    kind = np.full(len(frames), num_types)
    kind[there] = marks.types[index[there]]
    return np.concatenate([distance, np.eye(num_types + 1)[kind]], axis=1)


def _regress(
    inputs: Sequence[Floats], utterances: Sequence[Labelled], groups: Sequence[str], seed: int
) -> list[Floats]:
    """Semitones re the register's median that a regressor predicts, trained on other groups."""
    ensemble, selection = (require(f"sklearn.{n}", "eval") for n in ("ensemble", "model_selection"))
    spread = np.array([u.tokens.register.f0_spread_st for u in utterances])
    truth = [_reference_f0(u) / s for u, s in zip(utterances, spread, strict=True)]
    voiced = [u.reference.prosody.voiced for u in utterances]
    predicted: list[Floats] = [np.zeros(0)] * len(utterances)
    folds = selection.GroupKFold(min(FOLDS, len(set(groups))), shuffle=True, random_state=seed)
    for train, test in folds.split(groups, groups=groups):
        x = np.concatenate([inputs[i][voiced[i]][::STRIDE] for i in train])
        y = np.concatenate([truth[i][voiced[i]][::STRIDE] for i in train])
        # Targets are in spreads of the register, but errors count in semitones.
        weight = np.concatenate(
            [np.full(voiced[i][voiced[i]][::STRIDE].size, spread[i] ** 2) for i in train]
        )
        models = [
            ensemble.ExtraTreesRegressor(**TREES, random_state=seed),
            ensemble.HistGradientBoostingRegressor(**BOOSTING, random_state=seed),
        ]
        for model in models:
            model.fit(x, y, sample_weight=weight)
        for i in test:
            predicted[i] = (
                np.mean([model.predict(inputs[i]) for model in models], axis=0) * spread[i]
            )
    return predicted


def _r2(
    estimates: Sequence[Floats], utterances: Sequence[Labelled], groups: Sequence[str], seed: int
) -> Interval:
    sums = []  # own R², since the bootstrap needs sums
    for estimate, utterance in zip(estimates, utterances, strict=True):
        voiced = utterance.reference.prosody.voiced
        true = _reference_f0(utterance)[voiced]
        error = np.square(estimate[voiced] - true).sum()
        moved = np.square(true - np.median(true)).sum() if true.size else 0.0
        sums.append([error, moved])

    def r2(s: Floats) -> dict[str, Floats]:
        return {"r2": 1 - s[:, 0] / s[:, 1]}

    return bootstrap(sums, groups, r2, seed=seed)["r2"]
