"""Probes: how well labels are told from features, other speakers or recordings held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import Floats, Interval
from prosodytok.evaluation.labelled import Labelled, Task
from prosodytok.types.errors import require

FOLDS = 10
TREES = 200
#: The fewest cases in a leaf of a tree, and the number of features that each cut chooses from.
LEAF, CHOICE = 4, 32
RESAMPLES = 500

Strings = NDArray[np.str_]


def probe_labels(features: Floats, task: Task, groups: Sequence[str], seed: int = 0) -> Floats:
    """Probabilities of a task's answers for each case, told by trees that never saw its group.

    Extremely randomised trees (Geurts et al., 2006), classes weighed alike.

    Parameters
    ----------
    features : (M, D) float
        What the probe sees of each case.
    task : Task
        The answers.
    groups : sequence of str
        The group of each utterance: no group is in both halves.
    seed : int
        Of the parts and the trees.

    Returns
    -------
    (M, C) float64
        By class, in the order of ``numpy.unique(task.label)``.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    selection, ensemble = (require(f"sklearn.{n}", "eval") for n in ("model_selection", "ensemble"))
    who = np.unique([groups[i] for i in task.utterance], return_inverse=True)[1]
    parts = selection.StratifiedGroupKFold(
        min(FOLDS, int(who.max()) + 1), shuffle=True, random_state=seed
    )
    classes, answers = np.unique(task.label, return_inverse=True)
    told = np.zeros((len(answers), len(classes)))
    for train, test in parts.split(features, answers, who):
        trees = ensemble.ExtraTreesClassifier(
            TREES,
            min_samples_leaf=LEAF,
            max_features=min(CHOICE, features.shape[1]),
            class_weight="balanced",
            random_state=seed,
        ).fit(features[train], answers[train])
        told[np.ix_(test, trees.classes_)] = trees.predict_proba(features[test])
    return told


def wording(task: Task, utterances: Sequence[Labelled], groups: Sequence[str]) -> Floats:
    """The probe that only knows what is said: shares of the answers elsewhere, (M, C).

    Of a case, it is told how other groups' same unit of the same sentence is labelled; where nobody
    else says it, how all others' cases are.
    """
    classes, answers = np.unique(task.label, return_inverse=True)
    texts = [" ".join(word.label for word in u.annotation.words) for u in utterances]
    keys = [(texts[u], int(i)) for u, i in zip(task.utterance, task.unit, strict=True)]
    said = np.unique([f"{i} {text}" for text, i in keys], return_inverse=True)[1]
    who = np.unique([groups[i] for i in task.utterance], return_inverse=True)[1]
    told = np.zeros((len(answers), len(classes)))
    for group in range(int(who.max()) + 1):
        others, own = who != group, np.flatnonzero(who == group)
        anywhere = np.bincount(answers[others], minlength=len(classes))
        for case in own:
            same = np.bincount(answers[others & (said == said[case])], minlength=len(classes))
            told[case] = same if same.any() else anywhere
    shares: Floats = told / told.sum(axis=1, keepdims=True)
    return shares


def majority(task: Task) -> Floats:
    """The trivial probe: always the most frequent answer, (M, C)."""
    classes, counts = np.unique(task.label, return_counts=True)
    return np.tile(np.eye(len(classes))[counts.argmax()], (len(task.label), 1))


def probe_scores(
    told: Floats, task: Task, groups: Sequence[str], seed: int = 0
) -> dict[str, dict[str, float]]:
    """Macro-F1, and of two answers the area under the ROC, with bootstrap intervals over groups."""
    classes, answers = np.unique(task.label, return_inverse=True)
    who = np.unique([groups[i] for i in task.utterance], return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    cases = [np.flatnonzero(who == g) for g in range(int(who.max()) + 1)]
    value = _scores(told, answers, len(classes))
    samples = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([cases[g] for g in rng.integers(len(cases), size=len(cases))])
        samples.append(_scores(told[drawn], answers[drawn], len(classes)))
    found: dict[str, dict[str, Any]] = {}
    for name in value:
        low, high = np.nanpercentile([s[name] for s in samples], [2.5, 97.5])
        found[name] = asdict(Interval(value[name], float(low), float(high)))
    return found


def _scores(told: Floats, answers: NDArray[np.int64], classes: int) -> dict[str, float]:
    scores = {"macro_f1": _macro_f1(told.argmax(axis=1), answers, classes)}
    if classes == 2:
        scores["auc"] = _auc(told[:, 1], answers == 1)
    return scores


def _macro_f1(said: NDArray[np.int64], answers: NDArray[np.int64], classes: int) -> float:
    """Mean over the classes that there are of the harmonic mean of precision and recall."""
    scores = []
    for k in range(classes):
        hits = np.count_nonzero((said == k) & (answers == k))
        both = np.count_nonzero(said == k) + np.count_nonzero(answers == k)
        if (answers == k).any():
            scores.append(2 * hits / both)
    return float(np.mean(scores))


def _auc(score: Floats, positive: NDArray[np.bool_]) -> float:
    """Share of pairs of a positive and a negative case that the score ranks right, ties half."""
    pos, neg = np.sort(score[positive]), np.sort(score[~positive])
    if not (pos.size and neg.size):
        return float("nan")
    below = np.searchsorted(neg, pos, side="left") + np.searchsorted(neg, pos, side="right")
    return float(below.sum() / (2 * pos.size * neg.size))
