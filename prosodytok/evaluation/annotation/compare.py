"""Comparison of tokens with hand annotation, corpus by corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from prosodytok.evaluation.annotation.label_contours import ContourScore, compare_contours
from prosodytok.evaluation.annotation.label_features import Rows, feature_sets, rows_of
from prosodytok.evaluation.annotation.label_information import (
    Contingency,
    Information,
    code_columns,
    contingency,
    information,
)
from prosodytok.evaluation.annotation.label_probe import (
    majority,
    probe_labels,
    probe_scores,
    wording,
)
from prosodytok.evaluation.annotation.label_tasks import Task, tasks_of
from prosodytok.evaluation.annotation.labelled_utterances import Labelled, unique_recordings
from prosodytok.evaluation.reconstruction.measurement import part_of
from prosodytok.evaluation.stats.bootstrap import MIN_SPEAKERS, Interval
from prosodytok.tokenizer import ProsodyTokenizer

#: Incremented when a key of compare.json changes its meaning.
VERSION = 1
#: Cases of every class that a task needs.
MIN_CASES = 5


@dataclass(frozen=True)
class TaskComparison:
    """Codes and the labels of one task.

    Cases by class; information by level and codebook; contingency of the (first) word codebook;
    scores of each probe, see `probe_scores`.
    """

    classes: dict[str, int]
    information: dict[str, Information]
    contingency: Contingency
    probes: dict[str, dict[str, Interval]]


@dataclass(frozen=True)
class CorpusComparison:
    """Comparison on one corpus.

    `held_out` ("speakers" or "recordings") are never in both training and test data, and there are
    `groups` of them; `units` ("syllable" or "word") are labelled; `contours` is None with one
    group.
    """

    utterances: int
    held_out: str
    groups: int
    units: str
    tasks: dict[str, TaskComparison]
    contours: dict[str, ContourScore] | None


@dataclass(frozen=True)
class Comparison:
    """Comparison of a tokenizer with annotation; see `compare`."""

    version: int
    checkpoint: str
    segments: str
    seed: int
    corpora: dict[str, CorpusComparison]

    def to_dict(self) -> dict[str, Any]:
        """compare.json, without ``contours`` where there are none; see docs/evaluation.md."""
        fields = asdict(self)
        for corpus in fields["corpora"].values():
            if corpus["contours"] is None:
                del corpus["contours"]
        return fields


def compare(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], *, segments: str, seed: int = 0
) -> Comparison:
    """Compare tokens, of units from `segments`, with the annotation of their corpora."""
    corpora = corpora_of(utterances)
    found = {name: _compare(tokenizer, corpus, seed) for name, corpus in corpora.items()}
    return Comparison(VERSION, tokenizer.checkpoint, segments, seed, found)


def corpora_of(utterances: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """Utterances by corpus, each recording once."""
    corpora: dict[str, list[Labelled]] = {}
    for utterance in utterances:
        corpora.setdefault(part_of(utterance.utterance), []).append(utterance)
    return {name: unique_recordings(corpus) for name, corpus in corpora.items()}


def groups_of(utterances: Sequence[Labelled]) -> tuple[list[str], str]:
    """Group of each utterance: the speakers if at least five are known, else the recordings."""
    speakers = {u.utterance.speaker for u in utterances}
    if None not in speakers and len(speakers) >= MIN_SPEAKERS:
        return [str(u.utterance.speaker) for u in utterances], "speakers"
    return [str(i) for i in range(len(utterances))], "recordings"


def _compare(
    tokenizer: ProsodyTokenizer, utterances: Sequence[Labelled], seed: int
) -> CorpusComparison:
    groups, held_out = groups_of(utterances)
    features = feature_sets(tokenizer, utterances, seed)
    num_groups = len(set(groups))
    return CorpusComparison(
        utterances=len(utterances),
        held_out=held_out,
        groups=num_groups,
        units="syllable" if utterances[0].annotation.syllables else "word",
        tasks={
            task.name: _compare_task(task, utterances, features, groups, seed)
            for task in tasks_of(utterances)
            if min(task.classes.values()) >= MIN_CASES
        },
        contours=compare_contours(tokenizer, utterances, groups, seed) if num_groups > 1 else None,
    )


def _compare_task(
    task: Task,
    utterances: Sequence[Labelled],
    features: dict[str, Rows],
    groups: Sequence[str],
    seed: int,
) -> TaskComparison:
    predicted = {
        name: probe_labels(rows_of(task, utterances, rows), task, groups, seed)
        for name, rows in features.items()
    }
    predicted |= {"wording": wording(task, utterances, groups), "majority": majority(task)}
    columns = code_columns(task, utterances)
    word = columns.get("word, first codebook", columns["word"])
    return TaskComparison(
        classes=task.classes,
        information={name: information(codes, task.label) for name, codes in columns.items()},
        contingency=contingency(word, task.label),
        probes={k: probe_scores(v, task, groups, seed) for k, v in predicted.items()},
    )
