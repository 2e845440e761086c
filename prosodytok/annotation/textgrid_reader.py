"""Reader of the hand annotation of an utterance from its TextGrid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from prosodytok.annotation.annotation_types import (
    Accent,
    Annotation,
    AnnotationError,
    Boundary,
    Break,
    Mark,
)
from prosodytok.annotation.phrase_intervals import LEVELS, Phrase, is_gap, join_tones, read_phrases
from prosodytok.annotation.schemes import Scheme, read_break, read_tones, scheme_of
from prosodytok.io.manifest import Utterance
from prosodytok.io.sound_file import read_duration
from prosodytok.io.textgrid import Entry, TextGrid, Tier, find_tier, read_textgrid, tier_names
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Roles of tiers of tones. The levels of phrases are further ones if their tiers have points.
TONE_ROLES = ("tones", "accents", "boundaries")
MARK_ROLES = (*TONE_ROLES, *LEVELS, "breaks")


def read_annotation(utterance: Utterance) -> Annotation:
    """Read normalized accents, phrase edges and break indices, and the words and syllables.

    The manifest's `scheme` is the labelling scheme; if it is absent or not supported, ``*``, ``%``
    and ``-`` have their common meaning. Its `tiers` are names of tiers by role: "tones", "accents"
    and "boundaries" may each contain any tones; "intonational" and "intermediate" may be intervals
    labelled with their closing tone; "breaks" contains break indices.

    Parameters
    ----------
    utterance : Utterance
        A line of a manifest.

    Raises
    ------
    AnnotationError
        If the utterance has no TextGrid, no tier of marks is named, or a named tier is missing.
    SegmentationError
        If the TextGrid cannot be read, does not fit the sound, or its words or syllables cannot be
        used.
    AudioError
        If the TextGrid does not start at 0, the manifest has no duration, and the sound cannot be
        read.
    """
    if utterance.textgrid is None:
        raise AnnotationError(f'{utterance.id} has no "textgrid" in the manifest: no annotation')
    path, scheme = utterance.textgrid, scheme_of(utterance.scheme)
    grid = read_textgrid(path)
    duration = _duration(utterance, grid)
    by_role = _mark_tiers(path, read_textgrid(path, duration), utterance.tiers)
    num_frames = max(1, seconds_to_frames(duration))
    words = _units(path, num_frames, utterance.words_tier)
    syllables = utterance.tiers.get("syllables")

    tones, tier = _read_tones(scheme, by_role)
    edges = [mark for mark in tones if isinstance(mark, Boundary)]
    boundaries, contradictions = join_tones(
        _read_phrases(scheme, by_role, words), _with_sides(scheme, edges, words), tier
    )
    breaks = [read_break(e, by_role["breaks"].name) for e in _labelled(by_role.get("breaks"))]
    others = [mark for mark in (*tones, *breaks, *contradictions) if isinstance(mark, Mark)]
    return Annotation(
        id=utterance.id,
        scheme=scheme.name,
        words=words,
        syllables=_units(path, num_frames, syllables) if syllables is not None else (),
        accents=tuple(mark for mark in tones if isinstance(mark, Accent)),
        boundaries=tuple(sorted(boundaries, key=_time)),
        breaks=tuple(mark for mark in breaks if isinstance(mark, Break)),
        unknown=tuple(sorted((mark for mark in others if not mark.in_scheme), key=_time)),
        other=tuple(sorted((mark for mark in others if mark.in_scheme), key=_time)),
    )


def _duration(utterance: Utterance, grid: TextGrid) -> float:
    """Length of the sound (s); the sound is only opened if the TextGrid does not start at 0."""
    if utterance.duration is not None:
        return utterance.duration
    if grid.start == 0:
        return grid.end
    return read_duration(utterance.audio)


def _mark_tiers(path: Path, grid: TextGrid, tiers: dict[str, str]) -> dict[str, Tier]:
    """Tiers of marks by role; a tier with two roles is used once."""
    by_role: dict[str, Tier] = {}
    for role in MARK_ROLES:
        if role not in tiers:
            continue
        try:
            tier = find_tier(grid, tiers[role])
        except SegmentationError as error:
            raise AnnotationError(f"{path}: {role}: {error}") from error
        if not any(tier is other for other in by_role.values()):
            by_role[role] = tier
    if not by_role:
        raise AnnotationError(
            f"{path}: the manifest names no tier with accents or boundaries; there are "
            f"{tier_names(grid)}. "
            f'Name one: "tiers": {{ROLE: NAME}}, ROLE one of {", ".join(MARK_ROLES)}'
        )
    return by_role


def _units(path: Path, num_frames: int, tier: str | None) -> tuple[Entry, ...]:
    """Words or syllables of the tokenizer's segmentation, without the pauses."""
    tiled = hierarchy_from_textgrid(path, num_frames, words_tier=tier).words
    times = [frames_to_seconds(edge) for edge in tiled.boundaries.tolist()]
    units = map(Entry, times[:-1], times[1:], tiled.labels)
    return tuple(unit for unit in units if unit.label)


def _labelled(tier: Tier | None) -> list[Entry]:
    """Entries without gaps, which only interval tiers have."""
    if tier is None:
        return []
    return [e for e in tier.entries if tier.kind == "point" or not is_gap(e)]


def _read_tones(
    scheme: Scheme, by_role: dict[str, Tier]
) -> tuple[list[Accent | Boundary | Mark], str]:
    """All marks of the tiers of tones in temporal order, and the names of these tiers."""
    tiers = [by_role[role] for role in TONE_ROLES if role in by_role]
    phrases = [by_role[level] for level in LEVELS if level in by_role]
    tiers += [tier for tier in phrases if tier.kind == "point"]
    marks = [mark for t in tiers for e in _labelled(t) for mark in read_tones(scheme, e, t.name)]
    return sorted(marks, key=_time), ", ".join(tier.name for tier in tiers)


def _read_phrases(scheme: Scheme, by_role: dict[str, Tier], words: Sequence[Entry]) -> list[Phrase]:
    tiers = [(by_role[level], level) for level in LEVELS if level in by_role]
    return [
        phrase
        for tier, level in tiers
        if tier.kind == "interval"
        for phrase in read_phrases(scheme, tier, level, words)
    ]


def _with_sides(
    scheme: Scheme, boundaries: Sequence[Boundary], words: Sequence[Entry]
) -> list[Boundary]:
    """Make a bare ``%`` phrase-initial if the nearest word edge is a start."""
    if not scheme.bare_edges_by_position:
        return list(boundaries)
    starts, ends = np.array([(word.start, word.end) for word in words]).T
    return [
        replace(edge, side="initial")
        if edge.tone == "%" and np.abs(starts - edge.time).min() < np.abs(ends - edge.time).min()
        else edge
        for edge in boundaries
    ]


def _time(mark: Accent | Boundary | Mark) -> float:
    return mark.start if isinstance(mark, Accent) else mark.time
