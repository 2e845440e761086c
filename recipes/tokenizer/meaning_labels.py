"""Parts of `meaning.py` with hand annotation: accents, their types, boundary tones, tunes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from meaning_data import Line, Speech, resampled
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import adjusted_mutual_info_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from prosodytok.evaluation.annotation import label_features
from prosodytok.evaluation.annotation.compare import groups_of
from prosodytok.evaluation.annotation.label_features import feature_sets, rows_of
from prosodytok.evaluation.annotation.label_information import code_columns
from prosodytok.evaluation.annotation.label_probe import (
    majority,
    probe_labels,
    probe_scores,
    wording,
)
from prosodytok.evaluation.annotation.label_tasks import Task, accent_name, tasks_of
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.evaluation.stability.kmeans_yardstick import unit_features
from prosodytok.evaluation.stats.bootstrap import Interval

#: Groups of codes, and numbers of k-means codes.
GROUPS, SIZES = 8, (8, 32)
#: Feature sets of the probes.
SETS = (label_features.CODES, label_features.COARSE, label_features.RAW, label_features.DURATION)
#: The score of each task, and its name.
SCORES = {"accent": "auc", "accent type": "macro_f1", "boundary tone": "macro_f1"}
NAMES = {"auc": "AUC", "macro_f1": "macro-F1"}


def ami(speech: Speech) -> list[Line]:
    """Adjusted mutual information of codes with ToDI accents (none, and each type), given words."""
    utterances = speech.labelled("todi", "given")
    task = accent_classes(utterances)
    tokenizer = speech.tokenizer
    vectors = tokenizer.codebook("word", 0)
    pauses = getattr(tokenizer.config, "codes_pauses", False)
    words = first_word_codes(task, utterances)
    plain = rows_of(task, utterances, [unit_features(u.example) for u in utterances])
    raw = rows_of(task, utterances, feature_sets(tokenizer, utterances)[label_features.RAW])
    columns = {
        f"first word codes, {GROUPS} groups of their vectors (Ward)": group_codes(
            vectors, pauses=pauses
        )[words],
        f"first word codes ({len(vectors)})": words,
        **{f"{n} k-means codes of plain features, of these words": kmeans(plain, n) for n in SIZES},
        f"log duration in {GROUPS} quantiles": quantiles(plain[:, -1]),
        f"mean F0 in {GROUPS} quantiles": quantiles(plain[:, 0]),
        **{
            f"class by gradient boosting of {name}": predicted_classes(
                features, task.label, task.utterance
            )
            for name, features in (("plain features", plain), ("raw prosody", raw))
        },
    }
    measure = f"todi accent ({len(task.classes)} classes with none), AMI, given words"
    return [
        Line("ami", measure, name, ami_interval(task, codes), len(codes))
        for name, codes in columns.items()
    ]


def ami_of_codes(labels: Sequence[str], codes: Sequence[int]) -> float:
    """Adjusted mutual information of labels and codes of the same words; 0 by chance."""
    return float(adjusted_mutual_info_score(labels, codes))


def ami_interval(task: Task, codes: np.ndarray) -> Interval:
    """`ami_of_codes` of a task's cases, with an interval over utterances."""
    return resampled(lambda rows: ami_of_codes(task.label[rows], codes[rows]), task.utterance)


def group_codes(vectors: np.ndarray, groups: int = GROUPS, pauses: bool = False) -> np.ndarray:
    """Group (C,) of each of C codes by their vectors (C, D): Ward's clustering.

    With `pauses`, code 0 means a pause and is a group of its own, beside the others.
    """
    spoken = vectors[int(pauses) :]
    ward = AgglomerativeClustering(min(groups, len(spoken)), linkage="ward")
    return np.concatenate([[groups] * int(pauses), ward.fit_predict(spoken)]).astype(np.int64)


def kmeans(features: np.ndarray, count: int) -> np.ndarray:
    """Code (M,) of each case by k-means of its standardised features (M, D)."""
    scaled = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-9)
    return KMeans(count, n_init=4, random_state=0).fit_predict(scaled)


def accent_classes(utterances: Sequence[Labelled]) -> Task:
    """All annotated words with "none", or the type of their last accent."""
    rows = []
    for index, utterance in enumerate(utterances):
        labels = utterance.labels
        for unit in np.flatnonzero(labels.annotated & labels.accent_certain):
            marks = labels.accents[unit]
            rows.append((index, unit, accent_name(marks[-1]) if marks else "none"))
    owner, unit, label = zip(*rows, strict=True)
    return Task("accent type", np.array(owner), np.array(unit), np.array(label))


def first_word_codes(task: Task, utterances: Sequence[Labelled]) -> np.ndarray:
    """First word code at the middle of each case, (M,)."""
    columns = code_columns(task, utterances)
    return columns.get("word, first codebook", columns["word"])


def quantiles(values: np.ndarray, count: int = GROUPS) -> np.ndarray:
    """Index (M,) of the quantile of each value."""
    return np.searchsorted(np.quantile(values, np.arange(1, count) / count), values)


def predicted_classes(features: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Class of each case by gradient boosting on other groups."""
    model = HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=0)
    folds = GroupKFold(5, shuffle=True, random_state=0)
    classes = np.unique(labels, return_inverse=True)[1]
    return cross_val_predict(model, features, classes, groups=groups, cv=folds)


def accents(speech: Speech) -> list[Line]:
    """Accents of ToDI, their types and boundary tones, from tokens of true and of found words."""
    return [
        line
        for units in ("given", "found")
        for line in probe_lines(speech, "accents", "todi", units, SCORES)
    ]


def tunes(speech: Speech) -> list[Line]:
    """Accent types of Derry English, one phrase an utterance, with other speakers held out."""
    return probe_lines(speech, "tunes", "derry", "given", {"accent type": "macro_f1"})


def probe_lines(
    speech: Speech, part: str, name: str, units: str, scores: dict[str, str]
) -> list[Line]:
    """Scores of each task by the probes of `prosodytok compare`."""
    utterances = speech.labelled(name, units)
    groups, _ = groups_of(utterances)
    features = feature_sets(speech.tokenizer, utterances)
    lines = []
    for task in (t for t in tasks_of(utterances) if t.name in scores):
        predicted = {
            s: probe_labels(rows_of(task, utterances, features[s]), task, groups) for s in SETS
        }
        predicted["wording"] = wording(task, utterances, groups)
        predicted["majority"] = majority(task)
        for source, values in predicted.items():
            value = probe_scores(values, task, groups)[scores[task.name]]
            measure = (
                f"{name} {task.name} ({len(task.classes)} classes), {NAMES[scores[task.name]]}, "
                f"{units} words"
            )
            lines.append(Line(part, measure, source, value, len(task.label)))
    return lines
