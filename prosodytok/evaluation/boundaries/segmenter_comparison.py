"""Units found by each segmentation method, compared with hand-marked ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.boundaries.edge_matching import EdgeCounts, edge_scores, match_edges
from prosodytok.evaluation.stats.bootstrap import Interval, bootstrap
from prosodytok.io.manifest import Utterance
from prosodytok.segmentation import (
    hierarchy_from_textgrid,
    hierarchy_from_transcript,
    segment_acoustic,
)
from prosodytok.segmentation.acoustic import syllable_edges
from prosodytok.segmentation.learned.boundary_model import segment_learned
from prosodytok.types import Hierarchy
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError, SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE

Edges = NDArray[np.float64]
#: Counts of one utterance, by level, by tolerance (ms), and by method.
Counts = dict[str, dict[int, dict[str, EdgeCounts]]]

#: Tolerances (ms) by set of edges: those of words; those between phrases; and the latter with the
#: beginnings and ends of speech, as annotators mark them.
TOLERANCES = {"word": (20, 50), "phrase": (100,), "phrase and speech": (100,)}
LEARNED, ACOUSTIC, ALIGNED = "learned", "acoustic", "aligned transcript"
EVEN, DIPS, SYLLABLES = "evenly spaced", "deepest dips", "all syllables"
#: Baselines that are given the number of reference edges.
GIVEN_COUNT = (EVEN, DIPS)


@dataclass(frozen=True)
class EdgeScores:
    """Scores of one method, pooled over utterances; see `edge_scores`."""

    utterances: int
    precision: Interval
    recall: Interval
    f1: Interval
    over_segmentation: Interval
    r_value: Interval


#: Scores by set of edges, by tolerance (``"50 ms"``), and by method.
BoundaryScores = dict[str, dict[str, dict[str, EdgeScores]]]


def count_edges(utterance: Utterance, audio: Audio, prosody: Prosody) -> Counts:
    """Compare the units that each method finds in an utterance with its TextGrid.

    Returns
    -------
    dict
        Empty if no words are marked by hand, or if they do not fit the sound: the other
        measurements do not need them. Phrases only if they are marked.
    """
    if utterance.textgrid is None or utterance.words_tier is None:
        return {}
    try:
        reference = hierarchy_from_textgrid(
            utterance.textgrid,
            prosody.num_frames,
            words_tier=utterance.words_tier,
            phrases_tier=utterance.phrases_tier,
        )
    except SegmentationError:
        return {}
    found = _hierarchies(utterance, audio, prosody)
    levels = ["word"] if utterance.phrases_tier is None else list(TOLERANCES)
    return {level: _compare(level, reference, found, prosody) for level in levels}


def score_edges(
    utterances: Sequence[Counts], speakers: Sequence[str | None], seed: int
) -> BoundaryScores:
    """Scores of each set of edges, tolerance and method over utterances, with intervals."""
    scores: BoundaryScores = {}
    for level, tolerances in TOLERANCES.items():
        rows = [(u[level], s) for u, s in zip(utterances, speakers, strict=True) if level in u]
        for tolerance in tolerances if rows else ():
            counts = [(u[tolerance], s) for u, s in rows]
            scores.setdefault(level, {})[f"{tolerance} ms"] = _scores(counts, seed)
    return scores


def _hierarchies(utterance: Utterance, audio: Audio, prosody: Prosody) -> dict[str, Hierarchy]:
    found = {LEARNED: segment_learned(audio, prosody), ACOUSTIC: segment_acoustic(prosody)}
    if utterance.text and (utterance.language or "").startswith("en"):
        try:
            frames = prosody.num_frames
            found[ALIGNED] = hierarchy_from_transcript(audio, utterance.text, frames)
        except (SegmentationError, MissingExtraError):
            pass  # the number of utterances of each method shows how many are missing
    return found


def _compare(
    level: str, reference: Hierarchy, found: Mapping[str, Hierarchy], prosody: Prosody
) -> dict[int, dict[str, EdgeCounts]]:
    truth = _edges(reference, level)
    duration = prosody.num_frames / FRAME_RATE
    edges = {name: _edges(hierarchy, level) for name, hierarchy in found.items()}
    edges[EVEN] = np.linspace(0, duration, truth.size + 2)[1:-1]
    if level == "word":
        syllables, depths = syllable_edges(prosody)
        deepest = np.sort(np.argsort(-depths, kind="stable")[: truth.size])
        edges[DIPS] = syllables[deepest] / FRAME_RATE
        edges[SYLLABLES] = syllables / FRAME_RATE
    return {
        tolerance: {n: match_edges(truth, e, tolerance / 1000) for n, e in edges.items()}
        for tolerance in TOLERANCES[level]
    }


def _edges(hierarchy: Hierarchy, level: str) -> Edges:
    units = hierarchy.words if level == "word" else hierarchy.phrases
    edges = units.boundaries[1:-1]
    if level == "phrase and speech":
        words = hierarchy.words.boundaries
        spoken = np.flatnonzero(~_pauses(hierarchy))
        phrase = hierarchy.phrases.unit_at(words[spoken])
        new = np.flatnonzero(np.diff(phrase, prepend=-1, append=-1))
        edges = np.union1d(words[spoken[new[:-1]]], words[spoken[new[1:] - 1] + 1])
    return np.asarray(edges / FRAME_RATE)


def _pauses(hierarchy: Hierarchy) -> NDArray[np.bool_]:
    if hierarchy.pauses is None:
        raise ValueError(f"units of source {hierarchy.source!r} have no pause mask")
    return hierarchy.pauses


def _scores(
    rows: Sequence[tuple[dict[str, EdgeCounts], str | None]], seed: int
) -> dict[str, EdgeScores]:
    methods = dict.fromkeys(name for counts, _ in rows for name in counts)
    found = {}
    for method in methods:
        own = [(counts[method], speaker) for counts, speaker in rows if method in counts]
        sums = [counts.sums for counts, _ in own]
        intervals = bootstrap(sums, [s for _, s in own], edge_scores, seed=seed)
        found[method] = EdgeScores(len(own), **intervals)
    return found
