"""Tokens against hand annotation: what they share, what codes tell of labels, and of the melody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from prosodytok.evaluation.bootstrap import FEWEST_SPEAKERS
from prosodytok.evaluation.label_contours import compare_contours
from prosodytok.evaluation.label_features import feature_sets, rows_of
from prosodytok.evaluation.label_information import code_columns, contingency, information
from prosodytok.evaluation.label_probe import majority, probe_labels, probe_scores, wording
from prosodytok.evaluation.labelled import Labelled, Task, tasks_of, without_doubles
from prosodytok.evaluation.measure import part_of
from prosodytok.tokenizer import ProsodyTokenizer

#: Raised when a key of compare.json changes its meaning.
VERSION = 1
#: A task needs as many cases of every answer.
FEWEST_CASES = 5


def compare(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], *, segments: str, seed: int = 0
) -> dict[str, Any]:
    """Compare tokens with annotation, corpus by corpus.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        What the tokens were made with.
    utterances : sequence of Labelled
        Annotated utterances of one or several corpora.
    segments : str
        Where the tokens' units came from.
    seed : int
        Of what is drawn.

    Returns
    -------
    dict
        What compare.json holds; docs/evaluation.md describes its keys.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    return {
        "version": VERSION,
        "checkpoint": tokenizer.checkpoint,
        "segments": segments,
        "seed": seed,
        "corpora": {
            name: _compare(tokenizer, of_corpus, seed)
            for name, of_corpus in corpora_of(utterances).items()
        },
    }


def corpora_of(utterances: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """Utterances by corpus, each recording once."""
    corpora: dict[str, list[Labelled]] = {}
    for utterance in utterances:
        corpora.setdefault(part_of(utterance.utterance), []).append(utterance)
    return {name: without_doubles(of_corpus) for name, of_corpus in corpora.items()}


def groups_of(utterances: Sequence[Labelled]) -> tuple[list[str], str]:
    """What is held out together: speakers where at least five are known, else recordings.

    With recordings held out, speakers are in both halves.
    """
    speakers = {u.utterance.speaker for u in utterances}
    if None not in speakers and len(speakers) >= FEWEST_SPEAKERS:
        return [str(u.utterance.speaker) for u in utterances], "speakers"
    return [str(i) for i in range(len(utterances))], "recordings"


def _compare(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], seed: int
) -> dict[str, Any]:
    groups, held_out = groups_of(utterances)
    features = feature_sets(tokenizer, utterances, seed)
    found: dict[str, Any] = {
        "utterances": len(utterances),
        "held_out": held_out,
        "groups": len(set(groups)),
        "units": "syllable" if utterances[0].annotation.syllables else "word",
        "tasks": {},
    }
    for task in tasks_of(utterances):
        if min(task.classes.values()) < FEWEST_CASES:
            continue
        told = {name: probe_labels(rows_of(task, utterances, rows), task, groups, seed)
                for name, rows in features.items()}  # fmt: skip
        told |= {"wording": wording(task, utterances, groups), "majority": majority(task)}
        found["tasks"][task.name] = {
            "classes": task.classes,
            **_shared(task, utterances),
            "probes": {k: probe_scores(v, task, groups, seed) for k, v in told.items()},
        }
    if len(set(groups)) > 1:
        found["contours"] = compare_contours(tokenizer, utterances, groups, seed)
    return found


def _shared(task: Task, utterances: Sequence[Labelled]) -> dict[str, Any]:
    """What codes and answers have in common, and how often each word code meets each answer.

    Of several word codebooks, it is the first that is shown with the answers.
    """
    columns = code_columns(task, utterances)
    word = columns.get("word, first codebook", columns["word"])
    return {
        "information": {
            name: information(codes, task.label) | {"codes": np.unique(codes).size}
            for name, codes in columns.items()
        },
        "contingency": {
            "codes": np.unique(word).tolist(),
            "labels": sorted(task.classes),
            "counts": contingency(word, task.label).tolist(),
        },
    }
