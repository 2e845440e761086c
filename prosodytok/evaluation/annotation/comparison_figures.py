"""Figures of a comparison: codes beside the labels of their units, and F0 against bits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from prosodytok import viz
from prosodytok.evaluation.annotation.compare import Comparison, CorpusComparison, TaskComparison
from prosodytok.evaluation.annotation.label_contours import ContourScore
from prosodytok.evaluation.annotation.label_information import Contingency
from prosodytok.evaluation.annotation.label_tasks import accent_name
from prosodytok.evaluation.annotation.labelled_utterances import Labelled
from prosodytok.tokenizer import ProsodyTokenizer

#: Sections of a corpus in compare.md besides its tasks.
CONTOURS, CODES = "F0 from labels and from tokens", "Codes"
#: Number of the most frequent codes in an atlas.
ATLAS_CODES = 18
#: Tasks that colour the map of codes; the first that a corpus has.
COLOURED_BY = ("accent type", "boundary tone", "accent", "boundary", "break index")
#: Label of a word without any mark.
UNMARKED = "none"

#: Section, title, caption and figure.
Drawn = tuple[str, str, str, Figure]


@dataclass(frozen=True)
class CorpusFigure:
    """Figure of a section of a corpus: a task, `CONTOURS` or `CODES`."""

    corpus: str
    section: str
    title: str
    caption: str
    figure: Figure

    @property
    def file(self) -> str:
        """Name of its PNG file."""
        name = f"{self.corpus}-{self.title.lower() if self.section == CODES else self.section}"
        return re.sub(r"[^\w.-]+", "-", name) + ".png"


def draw_comparison(
    comparison: Comparison, tokenizer: ProsodyTokenizer, corpora: Mapping[str, Sequence[Labelled]]
) -> list[CorpusFigure]:
    """Draw a comparison, and the codes of its utterances, by corpus."""
    return [
        CorpusFigure(name, *drawn)
        for name, corpus in comparison.corpora.items()
        for drawn in _draw(tokenizer, name, corpus, corpora[name])
    ]


def marks_of_words(utterance: Labelled) -> list[str]:
    """Marks of each word-level unit, as "H*L L%"; "none", or "" if no part is annotated."""
    words, labels = utterance.tokens["word"].segmentation, utterance.labels
    marks: list[list[str]] = [[] for _ in range(len(words))]
    annotated = [False] * len(words)
    for unit, place in enumerate(words.unit_at(utterance.middles).tolist()):
        marks[place] += [*map(accent_name, labels.accents[unit]), labels.boundary_tone[unit]]
        annotated[place] |= bool(labels.annotated[unit])
    return [
        " ".join(filter(None, found)) or UNMARKED * is_annotated
        for found, is_annotated in zip(marks, annotated, strict=True)
    ]


def _draw(
    tokenizer: ProsodyTokenizer,
    name: str,
    corpus: CorpusComparison,
    utterances: Sequence[Labelled],
) -> Iterator[Drawn]:
    """Figures of one corpus: its tasks, contours, and codes."""
    counts = viz.code_counts([u.tokens for u in utterances])
    uses = counts["word"] if "word" in counts else counts["word 1"]
    book = "word codebook" if "word" in counts else "first word codebook"
    for task, found in corpus.tasks.items():
        yield _task(task, book, found.contingency)
    if corpus.contours is not None:
        yield _contours(corpus.contours)
    yield (
        CODES,
        "Use of codes",
        "Frequencies of the codes of each codebook, from the most to the least frequent. A flat "
        "line up to the codebook's size would be uniform use.",
        _figure(viz.plot_usage(counts)),
    )
    yield _atlas(tokenizer, name, book, utterances)
    yield _map(book, tokenizer.codebook("word"), uses, corpus.tasks)


def _task(task: str, codebook: str, contingency: Contingency) -> Drawn:
    return (
        task,
        f"Word codes and {task}",
        f"Frequency of each {task} for each code of the {codebook}: P(label | code) in %. Similar "
        "rows and similar columns are adjacent; the bars count cases.",
        _figure(viz.plot_contingency(contingency.counts, contingency.codes, contingency.labels)),
    )


def _contours(contours: Mapping[str, ContourScore]) -> Drawn:
    return (
        CONTOURS,
        CONTOURS,
        "F0 explained (R², bars: 95 % intervals) against bits per second. The bits of hand "
        "labels depend on the coding of their places: by the unit, or by 20 ms. Grey: explained by "
        "the place in the utterance without any label.",
        _figure(viz.plot_explained({name: asdict(score) for name, score in contours.items()})),
    )


def _atlas(
    tokenizer: ProsodyTokenizer, corpus: str, codebook: str, utterances: Sequence[Labelled]
) -> Drawn:
    entries = viz.code_entries(
        tokenizer,
        [u.tokens for u in utterances],
        [u.example.prosody for u in utterances],
        [marks_of_words(u) for u in utterances],
    )
    spoken = [entry for entry in entries if np.isfinite(entry.decoded).any()] or entries
    shown = spoken[:ATLAS_CODES]
    return (
        CODES,
        "Atlas of word codes",
        f"The {len(shown)} most frequent of {len(spoken)} codes of the {codebook}, without "
        "those of pauses: the decoded contour of each, measured contours of up to twelve of its "
        "units, and the marks on its units: accents, and the tone of an edge after them.",
        viz.plot_atlas(shown, title=f"{corpus}: codes of the {codebook}"),
    )


def _map(
    codebook: str,
    vectors: NDArray[np.float32],
    uses: NDArray[np.int64],
    tasks: Mapping[str, TaskComparison],
) -> Drawn:
    task = next((name for name in COLOURED_BY if name in tasks), None)
    labels = _dominant(tasks[task].contingency, uses.size) if task else None
    colour = f" Colour and shape: its most frequent {task}." if task else ""
    return (
        CODES,
        "Map of word codes",
        f"The {codebook} on its two main components: close codes are similar. Area: frequency of a "
        f"code; crosses: codes that do not occur.{colour}",
        _figure(viz.plot_codebook(vectors, uses, labels)),
    )


def _dominant(contingency: Contingency, size: int) -> list[str]:
    """Most frequent label of each of `size` codes; "" for codes that do not occur."""
    labels = [""] * size
    for code, counts in zip(contingency.codes, contingency.counts, strict=True):
        labels[code] = contingency.labels[int(np.argmax(counts))]
    return labels


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure
