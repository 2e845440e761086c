"""Readers of hand annotation of intonation (ToBI, ToDI, IViE and related schemes)."""

from prosodytok.annotation.annotation_types import (
    Accent,
    Annotation,
    AnnotationError,
    Boundary,
    Break,
    Mark,
)
from prosodytok.annotation.assign_labels import Unassigned, assign
from prosodytok.annotation.label_counts import Summary, summarize
from prosodytok.annotation.textgrid_reader import read_annotation
from prosodytok.annotation.unit_labels import UnitLabels

__all__ = [
    "Accent",
    "Annotation",
    "AnnotationError",
    "Boundary",
    "Break",
    "Mark",
    "Summary",
    "Unassigned",
    "UnitLabels",
    "assign",
    "read_annotation",
    "summarize",
]
