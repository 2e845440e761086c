"""Attackers: who speaks, told from a vector of numbers for each utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import Floats, Interval, bootstrap
from prosodytok.evaluation.prosody import ratio
from prosodytok.types.errors import require

#: Parts of the cross-validation, where each speaker has as many utterances.
FOLDS = 5
#: How often it is repeated, with other parts.
REPEATS = 1
#: Of the logistic regression, whose inputs have unit variance over the root of their number: one
#: strength for vectors of any length.
STRENGTH = 10.0
TREES = 100


@dataclass(frozen=True)
class Probe:
    """How well speakers are told.

    Parameters
    ----------
    balanced : Interval
        Mean over speakers of the share of their utterances that are told, by the strongest
        attacker. Its interval resamples speakers, where there are at least five.
    accuracy : float
        Share of all utterances that the same attacker tells.
    attackers : dict of str to float
        The balanced accuracy of each attacker.
    """

    balanced: Interval
    accuracy: float
    attackers: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        strongest = max(self.attackers, key=lambda name: self.attackers[name])
        return {
            "balanced": vars(self.balanced),
            "accuracy": self.accuracy,
            "attackers": self.attackers,
            "strongest": strongest,
        }


def probe(features: Floats, speakers: Sequence[str], *, seed: int = 0) -> Probe:
    """Tell speakers from features, by stratified cross-validation.

    The attackers are logistic regression and extremely randomised trees (Geurts et al., 2006); the
    stronger one counts, chosen by its score itself, so the number flatters the attacker a little.

    Parameters
    ----------
    features : (N, D) float
        One row an utterance.
    speakers : sequence of str, length N
        Who speaks; at least two speakers with at least two utterances each.
    seed : int
        Of the parts, the trees and the interval.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    found = {
        name: bootstrap(hits, speakers, _accuracies, seed=seed)
        for name, hits in _all_hits(features, speakers, seed).items()
    }
    scores = {name: values["balanced"].value for name, values in found.items()}
    strongest = found[max(scores, key=lambda name: scores[name])]
    return Probe(strongest["balanced"], strongest["accuracy"].value, scores)


def folds_for(speakers: Sequence[str]) -> int:
    """Parts of the cross-validation: each must hold an utterance of every speaker."""
    _, counts = np.unique(list(speakers), return_counts=True)
    return int(min(FOLDS, counts.min()))


def _all_hits(features: Floats, speakers: Sequence[str], seed: int) -> dict[str, Floats]:
    """For each attacker and utterance: how often it is told, and its weight; both twice.

    Columns: hits over the speaker's utterances, 1 over these, hits, 1.
    """
    selection = require("sklearn.model_selection", "eval")
    who, names, counts = np.unique(list(speakers), return_inverse=True, return_counts=True)
    weight = 1.0 / (len(who) * counts[names])
    found = {}
    for name, attacker in _attackers(features.shape[1], seed).items():
        hits = np.zeros(len(names))
        for repeat in range(REPEATS):
            parts = selection.StratifiedKFold(
                folds_for(speakers), shuffle=True, random_state=seed + repeat
            )
            told = selection.cross_val_predict(attacker, features, names, cv=parts)
            hits += (told == names) / REPEATS
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


def _accuracies(sums: NDArray[np.float64]) -> dict[str, Floats]:
    return {
        "balanced": ratio(sums[:, 0], sums[:, 1]),
        "accuracy": ratio(sums[:, 2], sums[:, 3]),
    }
