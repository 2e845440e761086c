"""Attackers: classification of the speaker from a feature vector of each utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prosodytok.evaluation.stats.bootstrap import Floats, Interval, bootstrap, ratio
from prosodytok.types.errors import require

#: Folds of the cross-validation, stratified by speaker.
FOLDS = 5
#: Inverse regularisation of the logistic regression; divided by the number of features, which are
#: standardised, it is comparable between numbers of them.
STRENGTH = 10.0
TREES = 100


@dataclass(frozen=True)
class SpeakerProbe:
    """Balanced accuracy of each attacker, and of the strongest with its interval and accuracy.

    Balanced: mean over speakers of the share of their utterances that are classified correctly. The
    interval resamples speakers if there are at least five.
    """

    balanced: Interval
    accuracy: float
    attackers: dict[str, float]
    strongest: str


def probe_speakers(features: Floats, speakers: Sequence[str], *, seed: int = 0) -> SpeakerProbe:
    """Classify the speakers of utterances from features, (N, D), by stratified cross-validation.

    The attackers are logistic regression and extremely randomised trees (Geurts et al., 2006). The
    stronger one counts; it is selected by the reported score, which slightly overestimates it.
    There are at least two speakers with at least two utterances each.
    """
    found = {
        name: bootstrap(hits, speakers, _accuracies, seed=seed)
        for name, hits in _all_hits(features, speakers, seed).items()
    }
    scores = {name: values["balanced"].value for name, values in found.items()}
    strongest = max(scores, key=lambda name: scores[name])
    best = found[strongest]
    return SpeakerProbe(best["balanced"], best["accuracy"].value, scores, strongest)


def _all_hits(features: Floats, speakers: Sequence[str], seed: int) -> dict[str, Floats]:
    """Sums of each attacker, (N, 4): hits and 1 over the speaker's share of all; hits, 1."""
    selection = require("sklearn.model_selection", "eval")
    distinct, names, counts = np.unique(list(speakers), return_inverse=True, return_counts=True)
    weight = 1.0 / (len(distinct) * counts[names])
    count = int(min(FOLDS, counts.min()))  # each fold needs an utterance of every speaker
    folds = selection.StratifiedKFold(count, shuffle=True, random_state=seed)
    found = {}
    for name, attacker in _attackers(features.shape[1], seed).items():
        predicted = selection.cross_val_predict(attacker, features, names, cv=folds)
        hits = (predicted == names).astype(np.float64)
        found[name] = np.stack([hits * weight, weight, hits, np.ones_like(hits)], axis=1)
    return found


def _attackers(width: int, seed: int) -> dict[str, Any]:
    linear, ensemble, pipeline, preprocessing = (
        require(f"sklearn.{name}", "eval")
        for name in ("linear_model", "ensemble", "pipeline", "preprocessing")
    )
    return {
        "logistic regression": pipeline.make_pipeline(
            preprocessing.StandardScaler(),
            linear.LogisticRegression(C=STRENGTH / width, max_iter=500),
        ),
        "extra trees": ensemble.ExtraTreesClassifier(TREES, random_state=seed),
    }


def _accuracies(sums: Floats) -> dict[str, Floats]:
    # Own code: the bootstrap needs accuracies of sums, not of label vectors.
    return {"balanced": ratio(sums[:, 0], sums[:, 1]), "accuracy": ratio(sums[:, 2], sums[:, 3])}
