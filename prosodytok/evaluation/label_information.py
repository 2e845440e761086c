"""What codes and labels have in common, without any training: mutual information and purity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.labelled import Labelled, Task
from prosodytok.types.errors import require

Ints = NDArray[np.int64]


def code_columns(task: Task, utterances: Sequence[Labelled]) -> dict[str, Ints]:
    """Codes of the units that hold a task's cases, (M,) each, by level and codebook.

    Of a level with several codebooks there are the first and all as one; then pairs of levels.
    """
    rows: dict[str, list[Ints]] = {}
    for index, utterance in enumerate(utterances):
        frames = utterance.middles[task.unit[task.utterance == index]]
        for level in utterance.tokens.levels:
            codes = level.codes[:, level.segmentation.unit_at(frames)]
            rows.setdefault(level.name, []).append(_joined(codes, level.codebook_sizes))
            if len(level.codebook_sizes) > 1:
                rows.setdefault(f"{level.name}, first codebook", []).append(codes[0])
    columns = {name: np.concatenate(parts) for name, parts in rows.items()}
    levels = [level.name for level in utterances[0].tokens.levels]
    for first, second in (("phrase", "word"), ("word", "frame")):
        if first in levels and second in levels:
            pair = columns[first] * (columns[second].max() + 1) + columns[second]
            columns[f"{first} x {second}"] = pair
    return columns


def information(codes: Ints, labels: NDArray[np.str_]) -> dict[str, float]:
    """Agreement of two labellings of M cases.

    ``ami`` and ``nmi``: mutual information, normalised, with and without adjustment for chance
    (Vinh, Epps and Bailey, 2010); ``homogeneity``, ``completeness`` and ``v_measure`` (Rosenberg
    and Hirschberg, 2007); ``purity``: share of cases with the most frequent label of their code.
    Purity and homogeneity rise with the number of codes whatever they mean: only ``ami`` compares.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    metrics = require("sklearn.metrics", "eval")
    homogeneity, completeness, v_measure = metrics.homogeneity_completeness_v_measure(labels, codes)
    counts = contingency(codes, labels)
    return {
        "ami": float(metrics.adjusted_mutual_info_score(labels, codes)),
        "nmi": float(metrics.normalized_mutual_info_score(labels, codes)),
        "homogeneity": float(homogeneity),
        "completeness": float(completeness),
        "v_measure": float(v_measure),
        "purity": float(counts.max(axis=1).sum() / counts.sum()),
    }


def contingency(codes: Ints, labels: NDArray[np.str_]) -> Ints:
    """How often each code that occurs meets each label: (codes, labels), both in order."""
    rows, row = np.unique(codes, return_inverse=True)
    columns, column = np.unique(labels, return_inverse=True)
    counts = np.zeros((rows.size, columns.size), dtype=np.int64)
    np.add.at(counts, (row, column), 1)
    return counts


def _joined(codes: Ints, sizes: Sequence[int]) -> Ints:
    """One number for the codes (K, M) of all codebooks."""
    joined = np.zeros(codes.shape[1], dtype=np.int64)
    for row, size in zip(codes, sizes, strict=True):
        joined = joined * size + row
    return joined
