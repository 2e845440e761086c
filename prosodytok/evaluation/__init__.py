"""How good the tokens are."""

from prosodytok.evaluation.bootstrap import Interval, bootstrap, error_intervals
from prosodytok.evaluation.codebook import CodebookUse, codebook_use
from prosodytok.evaluation.evaluate import evaluate, parse_skip, read_corpora
from prosodytok.evaluation.measure import Measured, measure
from prosodytok.evaluation.prosody import ProsodyErrors, prosody_errors
from prosodytok.evaluation.reference import Reference, flat, reference
from prosodytok.evaluation.report import write_evaluation

__all__ = [
    "CodebookUse",
    "Interval",
    "Measured",
    "ProsodyErrors",
    "Reference",
    "bootstrap",
    "codebook_use",
    "error_intervals",
    "evaluate",
    "flat",
    "measure",
    "parse_skip",
    "prosody_errors",
    "read_corpora",
    "reference",
    "write_evaluation",
]
