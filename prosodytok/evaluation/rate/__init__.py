"""Bit rate: code lengths under several codings, and use of the codebooks."""

from prosodytok.evaluation.rate.bit_rates import (
    Bits,
    PartRates,
    bits_to_rates,
    fixed_bits,
    measure_bits,
)
from prosodytok.evaluation.rate.codebook_use import (
    CodebookUse,
    measure_codebooks,
    usage_and_perplexity,
)

__all__ = [
    "Bits",
    "CodebookUse",
    "PartRates",
    "bits_to_rates",
    "fixed_bits",
    "measure_bits",
    "measure_codebooks",
    "usage_and_perplexity",
]
