"""Statistics that the other measurements share: intervals by bootstrap."""

from prosodytok.evaluation.stats.bootstrap import (
    Floats,
    Interval,
    Statistic,
    bootstrap,
    ratio,
    resampling_units,
    wilson_interval,
)

__all__ = [
    "Floats",
    "Interval",
    "Statistic",
    "bootstrap",
    "ratio",
    "resampling_units",
    "wilson_interval",
]
