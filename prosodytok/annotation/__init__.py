"""Hand annotation of intonation, read into one form: ToBI, ToDI, IViE and their relatives."""

from prosodytok.annotation.assign import Unassigned, assign
from prosodytok.annotation.labels import UnitLabels
from prosodytok.annotation.marks import Accent, Annotation, AnnotationError, Boundary, Break, Mark
from prosodytok.annotation.read import read_annotation
from prosodytok.annotation.summary import Summary, summarize

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
