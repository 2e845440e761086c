"""Probes: classification of labels from features, with other speakers or recordings held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.annotation.label_tasks import Task
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.evaluation.stats.bootstrap import Floats, Interval
from prosodytok.types.errors import require

FOLDS = 10
TREES = 200
#: Smallest leaf of a tree (cases), and number of features considered at each split.
MIN_LEAF, MAX_FEATURES = 4, 32
RESAMPLES = 500


def probe_labels(features: Floats, task: Task, groups: Sequence[str], seed: int = 0) -> Floats:
    """Predict class probabilities of each case by trees trained on other groups, (M, C).

    Extremely randomised trees (Geurts et al., 2006) with balanced class weights, from features (M,
    D) and the group of each utterance. Classes are in the order of ``numpy.unique(task.label)``.
    """
    selection, ensemble = (require(f"sklearn.{n}", "eval") for n in ("model_selection", "ensemble"))
    group = task.group_indices(groups)
    folds = selection.StratifiedGroupKFold(
        min(FOLDS, int(group.max()) + 1), shuffle=True, random_state=seed
    )
    classes, labels = np.unique(task.label, return_inverse=True)
    predicted = np.zeros((len(labels), len(classes)))
    for train, test in folds.split(features, labels, group):
        trees = ensemble.ExtraTreesClassifier(
            TREES,
            min_samples_leaf=MIN_LEAF,
            max_features=min(MAX_FEATURES, features.shape[1]),
            class_weight="balanced",
            random_state=seed,
        ).fit(features[train], labels[train])
        predicted[np.ix_(test, trees.classes_)] = trees.predict_proba(features[test])
    return predicted


def wording(task: Task, utterances: Sequence[Labelled], groups: Sequence[str]) -> Floats:
    """Predict from the sentence alone: shares of the classes in other groups, (M, C).

    For each case, over the same unit of the same sentence in other groups; if no other group has
    the sentence, over all of their cases.
    """
    classes, labels = np.unique(task.label, return_inverse=True)
    texts = [" ".join(word.label for word in u.annotation.words) for u in utterances]
    keys = [f"{i} {texts[u]}" for u, i in zip(task.utterance, task.unit, strict=True)]
    key = np.unique(keys, return_inverse=True)[1]
    group = task.group_indices(groups)
    counts = np.zeros((len(labels), len(classes)))
    for index in range(int(group.max()) + 1):
        others, own = group != index, np.flatnonzero(group == index)
        anywhere = np.bincount(labels[others], minlength=len(classes))
        for case in own:
            same = np.bincount(labels[others & (key == key[case])], minlength=len(classes))
            counts[case] = same if same.any() else anywhere
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def majority(task: Task) -> Floats:
    """Trivial baseline: always the most frequent class, (M, C)."""
    classes, counts = np.unique(task.label, return_counts=True)
    return np.tile(np.eye(len(classes))[counts.argmax()], (len(task.label), 1))


def probe_scores(
    predicted: Floats, task: Task, groups: Sequence[str], seed: int = 0
) -> dict[str, Interval]:
    """``macro_f1``, and for two classes ``auc``, with bootstrap intervals over groups."""
    classes, labels = np.unique(task.label, return_inverse=True)
    group = task.group_indices(groups)
    rng = np.random.default_rng(seed)
    cases = [np.flatnonzero(group == index) for index in range(int(group.max()) + 1)]
    value = _scores(predicted, labels, len(classes))
    samples = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([cases[g] for g in rng.integers(len(cases), size=len(cases))])
        samples.append(_scores(predicted[drawn], labels[drawn], len(classes)))
    found = {}
    for name in value:
        low, high = np.nanpercentile([s[name] for s in samples], [2.5, 97.5])
        found[name] = Interval(value[name], float(low), float(high))
    return found


# Own F1 and AUC: scikit-learn's take more than a millisecond per call, minutes for the bootstrap
# samples of a comparison, and its AUC warns of each sample with one class only.
def _scores(predicted: Floats, labels: NDArray[np.int64], classes: int) -> dict[str, float]:
    scores = {"macro_f1": _macro_f1(predicted.argmax(axis=1), labels, classes)}
    if classes == 2:
        scores["auc"] = _auc(predicted[:, 1], labels == 1)
    return scores


def _macro_f1(predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> float:
    """Mean over the classes that occur of the harmonic mean of precision and recall."""
    scores = []
    for k in range(classes):
        hits = np.count_nonzero((predicted == k) & (labels == k))
        both = np.count_nonzero(predicted == k) + np.count_nonzero(labels == k)
        if (labels == k).any():
            scores.append(2 * hits / both)
    return float(np.mean(scores))


def _auc(score: Floats, positive: NDArray[np.bool_]) -> float:
    """Share of correctly ranked pairs of a positive and a negative case; ties count half."""
    pos, neg = np.sort(score[positive]), np.sort(score[~positive])
    if not (pos.size and neg.size):
        return float("nan")
    below = np.searchsorted(neg, pos, side="left") + np.searchsorted(neg, pos, side="right")
    return float(below.sum() / (2 * pos.size * neg.size))
