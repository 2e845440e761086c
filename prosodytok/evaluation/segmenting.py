"""Units found by every means there is, against those that were marked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.bootstrap import bootstrap
from prosodytok.evaluation.boundaries import EdgeCounts, edge_scores, match_edges
from prosodytok.io.manifest import Utterance
from prosodytok.segmentation import (
    hierarchy_from_textgrid,
    hierarchy_from_transcript,
    segment_acoustic,
)
from prosodytok.segmentation.acoustic import syllable_edges
from prosodytok.segmentation.learned.model import segment_learned
from prosodytok.types import Hierarchy
from prosodytok.types.audio import Audio
from prosodytok.types.errors import MissingExtraError, SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE

Edges = NDArray[np.float64]
#: Counts of one utterance, by level, by tolerance (ms), and by method.
Counts = dict[str, dict[int, dict[str, EdgeCounts]]]

#: How far a found edge may lie from a known one (ms). Of phrases there are the edges between them,
#: and these with where speech begins and ends, as annotators mark them.
TOLERANCES = {"word": (20, 50), "phrase": (100,), "phrase and speech": (100,)}
LEARNED, ACOUSTIC, ALIGNED = "learned", "acoustic", "aligned transcript"
EVEN, DIPS, SYLLABLES = "evenly spaced", "deepest dips", "all syllables"
#: Baselines that are told how many edges there are.
TOLD = (EVEN, DIPS)


def count_edges(utterance: Utterance, audio: Audio, prosody: Prosody) -> Counts:
    """Compare what each method finds in an utterance with its TextGrid.

    Returns
    -------
    dict
        Nothing where no word is marked by hand, or none that fits the sound: what is measured of
        the tokens does not need them. What has to do with phrases, only where they are marked.
    """
    if utterance.textgrid is None or utterance.words_tier is None:
        return {}
    try:
        known = hierarchy_from_textgrid(
            utterance.textgrid,
            prosody.num_frames,
            words_tier=utterance.words_tier,
            phrases_tier=utterance.phrases_tier,
        )
    except SegmentationError:
        return {}
    found = _hierarchies(utterance, audio, prosody)
    levels = ["word"] if utterance.phrases_tier is None else list(TOLERANCES)
    return {level: _compare(level, known, found, prosody) for level in levels}


def summarize_edges(
    utterances: Sequence[Counts], speakers: Sequence[str | None], seed: int
) -> dict[str, Any]:
    """Scores of each level, tolerance (``"50 ms"``) and method, with intervals, and a table."""
    scores: dict[str, Any] = {}
    for level, tolerances in TOLERANCES.items():
        rows = [(u[level], s) for u, s in zip(utterances, speakers, strict=True) if level in u]
        for tolerance in tolerances if rows else ():
            counts = [(u[tolerance], s) for u, s in rows]
            scores.setdefault(level, {})[f"{tolerance} ms"] = _scores(counts, seed)
    return {**scores, "table": _table(scores)}


def _hierarchies(utterance: Utterance, audio: Audio, prosody: Prosody) -> dict[str, Hierarchy]:
    found = {LEARNED: segment_learned(audio, prosody), ACOUSTIC: segment_acoustic(prosody)}
    if utterance.text and (utterance.language or "").startswith("en"):
        try:
            frames = prosody.num_frames
            found[ALIGNED] = hierarchy_from_transcript(audio, utterance.text, frames)
        except (SegmentationError, MissingExtraError):
            pass  # counted with the utterances that the other methods have and this one has not
    return found


def _compare(
    level: str, known: Hierarchy, found: Mapping[str, Hierarchy], prosody: Prosody
) -> dict[int, dict[str, EdgeCounts]]:
    truth = _edges(known, level)
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
        raise ValueError(f"units of source {hierarchy.source!r} do not tell which are pauses")
    return hierarchy.pauses


def _scores(rows: Sequence[tuple[dict[str, EdgeCounts], str | None]], seed: int) -> dict[str, Any]:
    methods = dict.fromkeys(name for counts, _ in rows for name in counts)
    found = {}
    for method in methods:
        own = [(counts[method], speaker) for counts, speaker in rows if method in counts]
        sums = [[c.hits, c.known, c.found] for c, _ in own]
        intervals = bootstrap(sums, [s for _, s in own], edge_scores, seed=seed)
        found[method] = {
            "utterances": len(own),
            **{name: asdict(interval) for name, interval in intervals.items()},
        }
    return found


def _table(scores: Mapping[str, Any]) -> list[str]:
    heads = ("precision", "recall", "f1", "over_segmentation", "r_value")
    names = " | ".join(name.replace("_", " ") for name in heads)
    lines = [f"| edges | within | found by | utterances | {names} |", "| --- " * 9 + "|"]
    for level, tolerances in scores.items():
        for tolerance, methods in tolerances.items():
            for method, row in methods.items():
                told = " (told how many)" if method in TOLD else ""
                cells = " | ".join(_cell(row[name]) for name in heads)
                lines.append(
                    f"| {level} | {tolerance} | {method}{told} | {row['utterances']} | {cells} |"
                )
    return lines


def _cell(interval: Mapping[str, float]) -> str:
    value, low, high = (f"{interval[k]:.2f}" for k in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
