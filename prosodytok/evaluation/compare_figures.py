"""The figures of a comparison: codes beside the labels that they meet, and what F0 costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from prosodytok.evaluation.labelled import Labelled, accent_name
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.viz import (
    code_counts,
    code_entries,
    plot_atlas,
    plot_codebook,
    plot_contingency,
    plot_explained,
    plot_usage,
)

#: Parts of a corpus besides its tasks, as compare.md calls them.
CONTOURS, CODES = "F0 from labels and from tokens", "Codes"
#: Codes in an atlas: those that are used most.
IN_ATLAS = 18
#: What the map of codes is coloured by: the first of these that a corpus has.
COLOURED_BY = ("accent type", "boundary tone", "accent", "boundary", "break index")
#: What a word without any mark is called.
UNMARKED = "none"


@dataclass(frozen=True)
class Picture:
    """A figure of a part of a corpus: a task, `CONTOURS` or `CODES`."""

    corpus: str
    part: str
    title: str
    caption: str
    figure: Figure

    @property
    def file(self) -> str:
        """Name of its file."""
        name = f"{self.corpus}-{self.title.lower() if self.part == CODES else self.part}"
        return re.sub(r"[^\w.-]+", "-", name) + ".png"


def pictures_of(
    comparison: Mapping[str, Any],
    tokenizer: ProsodyTokenizer,
    corpora: Mapping[str, Sequence[Labelled]],
) -> list[Picture]:
    """Draw what `compare` gave, and the codes of the utterances that it was given, by corpus."""
    found = []
    for name, corpus in comparison["corpora"].items():
        utterances, tasks = corpora[name], corpus["tasks"]
        book = _codebook(utterances)
        found += [_task(name, task, book, tasks[task]["contingency"]) for task in tasks]
        if "contours" in corpus:
            found.append(_contours(name, corpus["contours"]))
        found += _codes(tokenizer, name, tasks, utterances)
    return found


def marks_of_words(utterance: Labelled) -> list[str]:
    """What is marked in each word-level unit: its accents and the tone after it, as "H*L L%".

    It is "none" where annotated units have no mark, and empty where nothing is annotated.
    """
    words, labels = utterance.tokens["word"].segmentation, utterance.labels
    marks: list[list[str]] = [[] for _ in range(len(words))]
    annotated = [False] * len(words)
    for unit, place in enumerate(words.unit_at(utterance.middles).tolist()):
        marks[place] += [*map(accent_name, labels.accents[unit]), labels.boundary_tone[unit]]
        annotated[place] |= bool(labels.annotated[unit])
    return [
        " ".join(filter(None, found)) or UNMARKED * known
        for found, known in zip(marks, annotated, strict=True)
    ]


def _codebook(utterances: Sequence[Labelled]) -> str:
    """What the codebook is called that stands for the words: of several, the first."""
    sizes = utterances[0].tokens["word"].codebook_sizes
    return "first word codebook" if len(sizes) > 1 else "word codebook"


def _task(corpus: str, task: str, codebook: str, met: Mapping[str, Any]) -> Picture:
    return Picture(
        corpus,
        task,
        f"Word codes and {task}",
        f"How often each code of the {codebook} meets each {task}: P(label | code) in %. Alike "
        "rows and alike columns stand together; the bars count cases.",
        _figure(plot_contingency(met["counts"], met["codes"], met["labels"])),
    )


def _contours(corpus: str, contours: Mapping[str, Any]) -> Picture:
    return Picture(
        corpus,
        CONTOURS,
        CONTOURS,
        "F0 explained (R², upright: 95 % interval) against bits per second. What hand labels cost "
        "depends on how their places are paid for: by the unit, or by 20 ms. Grey: what a place in "
        "the utterance tells without any label.",
        _figure(plot_explained(contours)),
    )


def _codes(
    tokenizer: ProsodyTokenizer,
    corpus: str,
    tasks: Mapping[str, Any],
    utterances: Sequence[Labelled],
) -> Iterator[Picture]:
    counts = code_counts([u.tokens for u in utterances])
    uses = counts["word"] if "word" in counts else counts["word 1"]
    codebook = _codebook(utterances)
    yield Picture(
        corpus,
        CODES,
        "Use of codes",
        "How often codes are used, from the most to the least used one of each codebook. A flat "
        "line that ends at the codebook's size would be even use.",
        _figure(plot_usage(counts)),
    )
    yield _atlas(tokenizer, corpus, codebook, utterances)
    yield _map(corpus, codebook, tokenizer.codebook("word"), uses, tasks)


def _atlas(
    tokenizer: ProsodyTokenizer, corpus: str, codebook: str, utterances: Sequence[Labelled]
) -> Picture:
    entries = code_entries(
        tokenizer,
        [u.tokens for u in utterances],
        [u.example.prosody for u in utterances],
        [marks_of_words(u) for u in utterances],
    )
    spoken = [entry for entry in entries if np.isfinite(entry.decoded).any()] or entries
    shown = spoken[:IN_ATLAS]
    return Picture(
        corpus,
        CODES,
        "Atlas of word codes",
        f"The {len(shown)} most used of {len(spoken)} codes of the {codebook}, without those of "
        "pauses: what each decodes to, what was measured in up to twelve of its units, and what is "
        "marked on its units: accents, and the tone of an edge after them.",
        plot_atlas(shown, title=f"{corpus}: codes of the {codebook}"),
    )


def _map(
    corpus: str,
    codebook: str,
    vectors: NDArray[np.float32],
    uses: NDArray[np.int64],
    tasks: Mapping[str, Any],
) -> Picture:
    task = next((name for name in COLOURED_BY if name in tasks), None)
    labels = _dominant(tasks[task]["contingency"], uses.size) if task else None
    colour = f" Colour and shape: the {task} that it meets most often." if task else ""
    return Picture(
        corpus,
        CODES,
        "Map of word codes",
        f"The {codebook} on its two main components: codes that lie close are alike. Area: how "
        f"often a code is used; crosses: never here.{colour}",
        _figure(plot_codebook(vectors, uses, labels)),
    )


def _dominant(met: Mapping[str, Any], size: int) -> list[str]:
    """The label that each of `size` codes meets most often; "" where it meets none."""
    labels = [""] * size
    for code, counts in zip(met["codes"], met["counts"], strict=True):
        labels[code] = met["labels"][int(np.argmax(counts))]
    return labels


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure
