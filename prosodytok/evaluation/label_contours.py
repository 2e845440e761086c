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
from prosodytok.errors import require
from prosodytok.evaluation.bootstrap import Floats, bootstrap
from prosodytok.evaluation.label_probe import FOLDS
from prosodytok.evaluation.labelled import FEWEST, OTHER, Labelled, accent_name
from prosodytok.model import ProsodyTokenizer
from prosodytok.units import frame_times, hz_to_semitones

#: Marks before and after a frame that the regressor sees, and how far it sees (s).
MARKS, FARTHEST = 2, 2.0
#: Rounds of the regressor's boosting.
ROUNDS = 150
#: Frames from one that the regressor learns from to the next.
STRIDE = 2
#: Grid on which the dear way of counting places marks (s).
GRID = 0.02
LABELS, BOTH, NOBODY = "hand labels", "hand labels and tokens", "no labels (place alone)"


@dataclass(frozen=True)
class Marks:
    """Accents and edges of one utterance in order of time: times (s) and types, numbered."""

    times: Floats
    types: NDArray[np.int64]


def compare_contours(
    tokenizer: ProsodyTokenizer,
    utterances: Sequence[Labelled],
    groups: Sequence[str],
    seed: int = 0,
) -> dict[str, Any]:
    """R² of F0 and bits per second of labels, of tokens by prefix of levels, and of both together.

    R² is about each utterance's median, over the frames voiced in the reference, in semitones. The
    regressor (gradient boosting) is told at each frame the times to and the types of the marks
    around it, and learns from other speakers or recordings; the register is given to it as it is
    to the tokens. Codes are decoded by a model that never saw this speech.

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
        prefix: [_own(u, p.f0) for u, p in zip(utterances, prosodies, strict=True)]
        for prefix, prosodies in _decode(tokenizer, utterances).items()
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
    for prefix, levels in utterances[0].tokens.prefixes.items():
        bits = sum(sum(u.tokens.select(levels).bits.values()) for u in utterances)
        rows[prefix]["bits_per_second"] = [bits / seconds] * 2
    both = [b / seconds + rows["phrase + word"]["bits_per_second"][0] for b in label_bits]
    rows[BOTH]["bits_per_second"] = both
    return rows


def read_marks(annotations: Sequence[Annotation]) -> tuple[list[Marks], list[str]]:
    """Accents and edges of each utterance, and the names of their types."""
    listed = [
        sorted(
            [((a.start + a.end) / 2, accent_name(a)) for a in annotation.accents]
            + [(b.time, f"{b.side} {b.tone}") for b in annotation.boundaries]
        )
        for annotation in annotations
    ]
    counts = Counter(name for marks in listed for _, name in marks)
    names = [name for name, count in counts.most_common() if count >= FEWEST] + [OTHER]
    number: Mapping[str, int] = {name: i for i, name in enumerate(names)}
    found = [
        Marks(
            np.array([time for time, _ in marks], dtype=np.float64),
            np.array([number.get(name, len(names) - 1) for _, name in marks], dtype=np.int64),
        )
        for marks in listed
    ]
    return found, names


def bits_of_marks(
    marks: Sequence[Marks], utterances: Sequence[Labelled], num_types: int
) -> tuple[float, float]:
    """Bits of all marks, with their places paid for by the unit, and by the grid of 20 ms.

    Types cost what their frequencies in the corpus say. By the unit, one flag for each labelled
    unit says whether it has an accent, and one whether an edge lies there, each at its entropy; by
    the grid, a mark's place costs its share of the sets of as many places in the utterance.
    """
    types = np.concatenate([m.types for m in marks])
    share = np.bincount(types, minlength=num_types) / types.size
    naming = -float(np.log2(share[types]).sum())
    units = sum(len(u.labels) for u in utterances)
    accents = sum(len(u.annotation.accents) for u in utterances)
    edges = types.size - accents
    by_unit = units * (_entropy(accents / units) + _entropy(min(edges / units, 1.0)))
    by_grid = sum(
        log2(comb(max(1, round(u.tokens.duration / GRID)), m.times.size))
        for m, u in zip(marks, utterances, strict=True)
    )
    return naming + by_unit, naming + by_grid


def _entropy(share: float) -> float:
    return -sum(p * log2(p) for p in (share, 1 - share) if p > 0)


def _decode(tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled]) -> dict[str, Any]:
    tokens = [u.tokens for u in utterances]
    prefixes = tokens[0].prefixes.items()
    return {name: tokenizer.decode_batch(tokens, levels) for name, levels in prefixes}


def _own(utterance: Labelled, f0: NDArray[np.floating]) -> Floats:
    """F0 in semitones re the register's median."""
    reference = utterance.tokens.register.f0_median_hz
    return np.asarray(hz_to_semitones(f0.astype(np.float64), reference), dtype=np.float64)


def _place(utterance: Labelled) -> Floats:
    """Where each frame is in its utterance, (T, 3): from its beginning, to its end, and share."""
    frames = utterance.tokens.num_frames
    middle = np.arange(frames) + 0.5
    return np.stack([middle, frames - middle, middle / frames], axis=1)


def _around(marks: Marks, num_frames: int, num_types: int) -> Floats:
    """Times to the nearest marks before and after each frame, and their types, (T, D)."""
    frames = frame_times(num_frames)
    after = np.searchsorted(marks.times, frames)
    columns = []
    for shift in range(-MARKS, MARKS):
        index = after + shift
        there = (index >= 0) & (index < marks.times.size)
        if marks.times.size:
            held = np.clip(index, 0, marks.times.size - 1)
            away = np.where(there, marks.times[held] - frames, np.sign(shift + 0.5) * FARTHEST)
            kind = np.where(there, marks.types[held], num_types)
        else:
            away = np.full(num_frames, np.sign(shift + 0.5) * FARTHEST)
            kind = np.full(num_frames, num_types)
        columns += [away.clip(-FARTHEST, FARTHEST)[:, None], np.eye(num_types + 1)[kind]]
    return np.concatenate(columns, axis=1)


def _regress(
    inputs: Sequence[Floats], utterances: Sequence[Labelled], groups: Sequence[str], seed: int
) -> list[Floats]:
    """Semitones re the register's median that a regressor says, other groups' lessons learnt."""
    ensemble, selection = (require(f"sklearn.{n}", "eval") for n in ("ensemble", "model_selection"))
    spread = np.array([u.tokens.register.f0_spread_st for u in utterances])
    truth = [_own(u, u.truth.prosody.f0) / s for u, s in zip(utterances, spread, strict=True)]
    voiced = [u.truth.prosody.voiced for u in utterances]
    said: list[Floats] = [np.zeros(0)] * len(utterances)
    parts = selection.GroupKFold(min(FOLDS, len(set(groups))), shuffle=True, random_state=seed)
    for train, test in parts.split(groups, groups=groups):
        x = np.concatenate([inputs[i][voiced[i]][::STRIDE] for i in train])
        y = np.concatenate([truth[i][voiced[i]][::STRIDE] for i in train])
        model = ensemble.HistGradientBoostingRegressor(max_iter=ROUNDS, random_state=seed).fit(x, y)
        for i in test:
            said[i] = model.predict(inputs[i]) * spread[i]
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
        truth, voiced = utterance.truth.prosody, utterance.truth.prosody.voiced
        true = _own(utterance, truth.f0)[voiced]
        error = np.square(estimate[voiced] - true).sum()
        moved = np.square(true - np.median(true)).sum() if true.size else 0.0
        sums.append([error, moved])

    def r2(s: Floats) -> dict[str, Floats]:
        return {"r2": 1 - s[:, 0] / s[:, 1]}

    return {"r2": asdict(bootstrap(sums, groups, r2, seed=seed)["r2"])}
