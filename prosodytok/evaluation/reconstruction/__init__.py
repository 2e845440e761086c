"""Reconstruction: per-frame errors of decoded prosody in perceptual units, and durations."""

from prosodytok.evaluation.reconstruction.corpus_summary import CorpusSummary, summarize
from prosodytok.evaluation.reconstruction.decoded_durations import decode_word_durations
from prosodytok.evaluation.reconstruction.measurement import Measurement, measure
from prosodytok.evaluation.reconstruction.prosody_errors import (
    ProsodyErrors,
    error_intervals,
    prosody_errors,
)
from prosodytok.evaluation.reconstruction.reference_prosody import (
    Reference,
    flat_prosody,
    measure_reference,
)

__all__ = [
    "CorpusSummary",
    "Measurement",
    "ProsodyErrors",
    "Reference",
    "decode_word_durations",
    "error_intervals",
    "flat_prosody",
    "measure",
    "measure_reference",
    "prosody_errors",
    "summarize",
]
