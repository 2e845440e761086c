"""Stability: whether a recording and changed copies of it have the same tokens."""

from prosodytok.evaluation.stability.babble_voices import BabbleVoices
from prosodytok.evaluation.stability.kmeans_yardstick import KMeansYardstick
from prosodytok.evaluation.stability.measure_stability import (
    StabilitySuite,
    UtteranceStability,
    draw_evenly,
)
from prosodytok.evaluation.stability.stability_summary import (
    ChangeStability,
    CodebookChance,
    Stability,
    summarize_stability,
)

__all__ = [
    "BabbleVoices",
    "ChangeStability",
    "CodebookChance",
    "KMeansYardstick",
    "Stability",
    "StabilitySuite",
    "UtteranceStability",
    "draw_evenly",
    "summarize_stability",
]
