"""Classification tasks: accents, boundaries and their types, as labels of units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prosodytok.annotation import Accent
from prosodytok.evaluation.annotation.labelled_utterances import Labelled

#: Label of a unit.
TaskName = Literal["accent", "accent type", "boundary", "boundary tone", "break index"]
#: Rarer types are merged into `OTHER`, which is left out if it is as rare itself.
MIN_CASES = 10
OTHER = "other"


@dataclass(frozen=True)
class Task:
    """Classification of M units: of each, index of its utterance, index in it, and class."""

    name: TaskName
    utterance: NDArray[np.int64]
    unit: NDArray[np.int64]
    label: NDArray[np.str_]

    @property
    def classes(self) -> dict[str, int]:
        """Number of cases of each class, the most frequent first."""
        return dict(Counter(self.label.tolist()).most_common())

    def group_indices(self, groups: Sequence[str]) -> NDArray[np.int64]:
        """Index of the group of each case, (M,), from the group of each utterance."""
        return np.unique([groups[i] for i in self.utterance], return_inverse=True)[1]


def tasks_of(utterances: Sequence[Labelled]) -> list[Task]:
    """Tasks with at least two classes in these utterances.

    Accents: all annotated units. Types of accents: accented units, with downstep except in IViE,
    where published counts ignore it. Boundaries: all annotated units but the last of each
    utterance, which always has one. Boundary tones: units with one. Break indices: where marked.
    Labels that the annotator doubts are left out, and so are types that are rare even when merged.
    """
    found = []
    for name in ("accent", "accent type", "boundary", "boundary tone", "break index"):
        columns = [_cases(name, u) for u in utterances]
        label = _merge_rare(np.concatenate([labels for _, labels in columns]))
        owner = np.repeat(np.arange(len(columns)), [len(units) for units, _ in columns])
        unit = np.concatenate([units for units, _ in columns])
        kept = (label != OTHER) | (np.count_nonzero(label == OTHER) >= MIN_CASES)
        if len(set(label[kept])) > 1:
            found.append(Task(name, owner[kept], unit[kept], label[kept]))
    return found


def accent_name(accent: Accent) -> str:
    """Type of an accent with its downstep."""
    return "!" * accent.downstepped + accent.type


def _cases(name: TaskName, utterance: Labelled) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Units of a task, and their classes."""
    labels = utterance.labels
    if name == "accent":
        chosen = labels.annotated & labels.accent_certain
        classes = np.where(labels.accented, "accented", "unaccented")
    elif name == "accent type":
        chosen = labels.accented & labels.accent_certain
        named = [accent_name(accents[-1]) if accents else "" for accents in labels.accents]
        plain = utterance.annotation.scheme == "IViE"
        classes = np.array(labels.accent_type if plain else named)
    elif name == "boundary":
        chosen = labels.annotated & labels.boundary_certain
        chosen[-1:] = False
        classes = np.where(labels.boundary, "boundary", "none")
    elif name == "boundary tone":
        classes = np.array(labels.boundary_tone)
        chosen = labels.boundary & labels.boundary_certain & (classes != "")
    else:
        chosen = labels.break_index >= 0
        classes = labels.break_index.astype(str)
    return np.flatnonzero(chosen), classes[chosen].astype(np.str_)


def _merge_rare(labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Merge all types with fewer than `MIN_CASES` cases."""
    counts = Counter(labels.tolist())
    return np.array(
        [x if counts[x] >= MIN_CASES else OTHER for x in labels.tolist()], dtype=np.str_
    )
