"""F0 from hand labels, and from tokens: how much of the melody each keeps, and at how many bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation import Annotation
from prosodytok.evaluation.bootstrap import Floats, bootstrap
from prosodytok.evaluation.label_features import own_semitones
from prosodytok.evaluation.labelled import FEWEST, OTHER, Labelled, accent_name
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.errors import require
from prosodytok.types.units import frame_times

#: Marks of each kind before and after a frame that the regressor sees, and how far it sees (s).
REACH, FARTHEST = {"accents": 2, "edges": 1}, 2.0
FOLDS = 5
#: The regressors, whose mean is taken.
TREES: dict[str, Any] = {"n_estimators": 50, "min_samples_leaf": 8, "max_features": 0.4}
BOOSTING: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "min_samples_leaf": 100,
    "max_features": 0.3,
    "max_leaf_nodes": 16,
}
#: Frames from one that the regressor learns from to the next.
STRIDE = 4
#: Grid on which the dear way of counting places marks (s).
GRID = 0.02
LABELS, BOTH, NOBODY = "hand labels", "hand labels and tokens", "no labels (place alone)"
WORDS = "word alone"


@dataclass(frozen=True)
class Marks:
    """Accents or edges of one utterance in order of time: spans (s) and types, numbered.

    An edge begins where it ends.
    """

    start: Floats
    end: Floats
    types: NDArray[np.int64]

    @property
    def middle(self) -> Floats:
        """Times that order the marks (s)."""
        return (self.start + self.end) / 2


def compare_contours(
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Labelled],
    groups: Sequence[str],
    seed: int = 0,
) -> dict[str, Any]:
    """R² of F0 and bits per second of labels, of tokens by levels, and of both together.

    R² is about each utterance's median, over the frames voiced in the reference, in semitones. The
    regressor (extremely randomised trees and gradient boosting) is told at each frame where the
    marks around it begin and end, and their types, and learns from other speakers or recordings;
    the register is given to it as it is to the tokens. Codes are decoded by a model that never saw
    this speech.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    marks, names = read_marks([u.annotation for u in utterances])
    place = [_place(u) for u in utterances]
    frames = [u.tokens.num_frames for u in utterances]
    around = [_around(m, n, len(names)) for m, n in zip(marks, frames, strict=True)]
    decoded = {
        name: [
            own_semitones(p.f0, u.tokens.register)
            for u, p in zip(utterances, prosodies, strict=True)
        ]
        for name, prosodies in _decode(tokenizer, utterances).items()
    }
    label_bits = bits_of_marks(marks, utterances, len(names))
    labelled = [np.hstack(pair) for pair in zip(place, around, strict=True)]
    estimates: dict[str, list[Floats]] = {
        NOBODY: _regress(place, utterances, groups, seed),
        LABELS: _regress(labelled, utterances, groups, seed),
    }
    coarse = decoded["phrase + word"]
    with_tokens = [np.hstack([x, y[:, None]]) for x, y in zip(labelled, coarse, strict=True)]
    estimates[BOTH] = _regress(with_tokens, utterances, groups, seed)
    estimates |= decoded
    rows = {name: _score(found, utterances, groups, seed) for name, found in estimates.items()}
    seconds = sum(u.tokens.duration for u in utterances)
    rows[NOBODY]["bits_per_second"] = [0.0, 0.0]
    rows[LABELS]["bits_per_second"] = [b / seconds for b in label_bits]
    for name, levels in _subsets(utterances).items():
        bits = sum(sum(u.tokens.select(levels).bits.values()) for u in utterances)
        rows[name]["bits_per_second"] = [bits / seconds] * 2
    both = [b / seconds + rows["phrase + word"]["bits_per_second"][0] for b in label_bits]
    rows[BOTH]["bits_per_second"] = both
    return rows


def read_marks(annotations: Sequence[Annotation]) -> tuple[list[dict[str, Marks]], list[str]]:
    """``accents`` and ``edges`` of each utterance, and the names of their types."""
    listed = [
        {
            "accents": [(a.start, a.end, accent_name(a)) for a in annotation.accents],
            "edges": [(b.time, b.time, f"{b.side} {b.tone}") for b in annotation.boundaries],
        }
        for annotation in annotations
    ]
    counts = Counter(name for kinds in listed for rows in kinds.values() for *_, name in rows)
    names = [name for name, count in counts.most_common() if count >= FEWEST] + [OTHER]
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
    """Bits of all marks, with their places paid for by the unit, and by the grid of 20 ms.

    Types cost what their frequencies in the corpus say. By the unit, one flag for each labelled
    unit says whether it has an accent, and one whether an edge lies there, each at its entropy; by
    the grid, a mark's place costs its share of the sets of as many places in the utterance.
    """
    types = np.concatenate([m.types for kinds in marks for m in kinds.values()])
    share = np.bincount(types, minlength=num_types) / types.size
    naming = -float(np.log2(share[types]).sum())
    units = sum(len(u.labels) for u in utterances)
    flags = [sum(kinds[kind].types.size for kinds in marks) / units for kind in REACH]
    by_unit = units * sum(_entropy(min(share, 1.0)) for share in flags)
    by_grid = sum(
        log2(comb(max(1, round(u.tokens.duration / GRID)), sum(m.types.size for m in k.values())))
        for k, u in zip(marks, utterances, strict=True)
    )
    return naming + by_unit, naming + by_grid


def _entropy(share: float) -> float:
    return -sum(p * log2(p) for p in (share, 1 - share) if p > 0)


def _decode(tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled]) -> dict[str, Any]:
    tokens = [u.tokens for u in utterances]
    subsets = _subsets(utterances).items()
    return {name: tokenizer.decode_batch(tokens, levels) for name, levels in subsets}


def _subsets(utterances: Sequence[Labelled]) -> dict[str, tuple[str, ...]]:
    """Levels that are listened to: words alone, and each prefix."""
    return {WORDS: ("word",), **utterances[0].tokens.prefixes}


def _true(utterance: Labelled) -> Floats:
    """What F0 truly did (semitones re the register's median)."""
    return own_semitones(utterance.truth.prosody.f0, utterance.tokens.register)


def _place(utterance: Labelled) -> Floats:
    """Where each frame is in its utterance, (T, 3): from its beginning, to its end, and share."""
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
    """Times from each frame to its mark's start, middle and end, and its type, (T, D).

    A mark beyond the first or the last is far away, and of no type.
    """
    there = (index >= 0) & (index < marks.types.size)
    times = np.stack([marks.start, marks.middle, marks.end], axis=1)
    away = np.full((len(frames), 3), FARTHEST) * np.where(index < 0, -1, 1)[:, None]
    away[there] = (times[index[there]] - frames[there, None]).clip(-FARTHEST, FARTHEST)
    kind = np.full(len(frames), num_types)
    kind[there] = marks.types[index[there]]
    return np.concatenate([away, np.eye(num_types + 1)[kind]], axis=1)


def _regress(
    inputs: Sequence[Floats], utterances: Sequence[Labelled], groups: Sequence[str], seed: int
) -> list[Floats]:
    """Semitones re the register's median that a regressor says, other groups' lessons learnt."""
    ensemble, selection = (require(f"sklearn.{n}", "eval") for n in ("ensemble", "model_selection"))
    spread = np.array([u.tokens.register.f0_spread_st for u in utterances])
    truth = [_true(u) / s for u, s in zip(utterances, spread, strict=True)]
    voiced = [u.truth.prosody.voiced for u in utterances]
    said: list[Floats] = [np.zeros(0)] * len(utterances)
    parts = selection.GroupKFold(min(FOLDS, len(set(groups))), shuffle=True, random_state=seed)
    for train, test in parts.split(groups, groups=groups):
        x = np.concatenate([inputs[i][voiced[i]][::STRIDE] for i in train])
        y = np.concatenate([truth[i][voiced[i]][::STRIDE] for i in train])
        # Errors count in semitones, and voices differ in how many a spread has.
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
            said[i] = np.mean([model.predict(inputs[i]) for model in models], axis=0) * spread[i]
    return said


def _score(
    estimates: Sequence[Floats],
    utterances: Sequence[Labelled],
    groups: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """R² and its interval."""
    sums = []
    for estimate, utterance in zip(estimates, utterances, strict=True):
        voiced = utterance.truth.prosody.voiced
        true = _true(utterance)[voiced]
        error = np.square(estimate[voiced] - true).sum()
        moved = np.square(true - np.median(true)).sum() if true.size else 0.0
        sums.append([error, moved])

    def r2(s: Floats) -> dict[str, Floats]:
        return {"r2": 1 - s[:, 0] / s[:, 1]}

    return {"r2": asdict(bootstrap(sums, groups, r2, seed=seed)["r2"])}
