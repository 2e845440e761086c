"""Boundaries: agreement of found units with hand-marked ones."""

from prosodytok.evaluation.boundaries.edge_matching import EdgeCounts, match_edges
from prosodytok.evaluation.boundaries.segmenter_comparison import (
    BoundaryScores,
    Counts,
    EdgeScores,
    count_edges,
    score_edges,
)

__all__ = [
    "BoundaryScores",
    "Counts",
    "EdgeCounts",
    "EdgeScores",
    "count_edges",
    "match_edges",
    "score_edges",
]
