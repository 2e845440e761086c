"""Annotation: tokens compared with hand-annotated accents, boundaries and tones."""

from prosodytok.evaluation.annotation.compare import (
    Comparison,
    CorpusComparison,
    TaskComparison,
    compare,
    corpora_of,
)
from prosodytok.evaluation.annotation.labelled_utterances import Labelled, read_labelled

__all__ = [
    "Comparison",
    "CorpusComparison",
    "Labelled",
    "TaskComparison",
    "compare",
    "corpora_of",
    "read_labelled",
]
