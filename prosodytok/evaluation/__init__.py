"""Evaluation of a tokenizer: each subpackage measures into dataclasses, `markdown` renders them."""

from prosodytok.evaluation.evaluate import (
    Evaluation,
    choose_rooms,
    evaluate,
    read_corpora,
)
from prosodytok.evaluation.reconstruction import (
    Measurement,
    ProsodyErrors,
    Reference,
    error_intervals,
    flat_prosody,
    measure,
    measure_reference,
    prosody_errors,
)
from prosodytok.evaluation.report_files import rate_curves, write_comparison, write_evaluation
from prosodytok.evaluation.stats.bootstrap import Interval, bootstrap

__all__ = [
    "Evaluation",
    "Interval",
    "Measurement",
    "ProsodyErrors",
    "Reference",
    "bootstrap",
    "choose_rooms",
    "error_intervals",
    "evaluate",
    "flat_prosody",
    "measure",
    "measure_reference",
    "prosody_errors",
    "rate_curves",
    "read_corpora",
    "write_comparison",
    "write_evaluation",
]
