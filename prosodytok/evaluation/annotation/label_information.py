"""Information that codes and labels share, without training: mutual information and purity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.annotation.label_tasks import Task
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.types.errors import require

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Information:
    """Agreement of codes with labels; `codes` is the number of different codes.

    Normalized mutual information with (`ami`) and without (`nmi`) adjustment for chance: Vinh, Epps
    and Bailey (2010). Homogeneity, completeness and V-measure: Rosenberg and Hirschberg (2007).
    Purity: share of cases with the most frequent label of their code. Like homogeneity it increases
    with the number of codes; only `ami` is comparable between numbers of codes.
    """

    ami: float
    nmi: float
    homogeneity: float
    completeness: float
    v_measure: float
    purity: float
    codes: int


@dataclass(frozen=True)
class Contingency:
    """Counts of each label for each code that occurs, (codes, labels), both sorted."""

    codes: list[int]
    labels: list[str]
    counts: list[list[int]]


def code_columns(task: Task, utterances: Sequence[Labelled]) -> dict[str, Ints]:
    """Codes at the middles of a task's cases, (M,) each: levels, first codebooks, pairs."""
    rows: dict[str, list[Ints]] = {}
    for index, utterance in enumerate(utterances):
        frames = utterance.middles[task.unit[task.utterance == index]]
        for level in utterance.tokens.levels:
            codes = level.codes[:, level.segmentation.unit_at(frames)]
            rows.setdefault(level.name, []).append(_combine(codes, level.codebook_sizes))
            if len(level.codebook_sizes) > 1:
                rows.setdefault(f"{level.name}, first codebook", []).append(codes[0])
    columns = {name: np.concatenate(parts) for name, parts in rows.items()}
    levels = [level.name for level in utterances[0].tokens.levels]
    for first, second in (("phrase", "word"), ("word", "frame")):
        if first in levels and second in levels:
            pair = columns[first] * (columns[second].max() + 1) + columns[second]
            columns[f"{first} x {second}"] = pair
    return columns


def information(codes: Ints, labels: NDArray[np.str_]) -> Information:
    """Agreement of codes and labels of M cases, by scikit-learn."""
    metrics = require("sklearn.metrics", "eval")
    homogeneity, completeness, v_measure = metrics.homogeneity_completeness_v_measure(labels, codes)
    counts = np.array(contingency(codes, labels).counts)
    return Information(
        ami=float(metrics.adjusted_mutual_info_score(labels, codes)),
        nmi=float(metrics.normalized_mutual_info_score(labels, codes)),
        homogeneity=float(homogeneity),
        completeness=float(completeness),
        v_measure=float(v_measure),
        purity=float(counts.max(axis=1).sum() / counts.sum()),
        codes=len(counts),
    )


def contingency(codes: Ints, labels: NDArray[np.str_]) -> Contingency:
    """Count each label for each code that occurs, by scikit-learn."""
    counts = require("sklearn.metrics.cluster", "eval").contingency_matrix(codes, labels)
    return Contingency(np.unique(codes).tolist(), np.unique(labels).tolist(), counts.tolist())


def _combine(codes: Ints, sizes: Sequence[int]) -> Ints:
    """One number for each column of the codes (K, M) of all codebooks."""
    combined = np.zeros(codes.shape[1], dtype=np.int64)
    for row, size in zip(codes, sizes, strict=True):
        combined = combined * size + row
    return combined
