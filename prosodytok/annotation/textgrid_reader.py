"""Read the hand annotation of an utterance from its TextGrid."""

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
from prosodytok.io.textgrid import Entry, Tier, find_tier, read_textgrid
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid
from prosodytok.types.errors import SegmentationError
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Roles of tiers whose labels are tones. The levels of phrases are such roles too, where their
#: tiers have points.
TONE_ROLES = ("tones", "accents", "boundaries")
MARK_ROLES = (*TONE_ROLES, *LEVELS, "breaks")


def read_annotation(utterance: Utterance) -> Annotation:
    """Read accents, phrase edges and break indices, normalised, and what they are marked on.

    The manifest's `scheme` says how the labels are written; without it, or where it is not known,
    ``*``, ``%`` and ``-`` are read by what they commonly mean. Its `tiers` say where they are:
    "tones", "accents" and "boundaries" may each hold any tones; "intonational" and "intermediate"
    may be intervals labelled with their closing tone; "breaks" holds break indices.

    Parameters
    ----------
    utterance : Utterance
        A line of a manifest.

    Raises
    ------
    AnnotationError
        If the utterance has no TextGrid, names no tier with marks, or names one that is missing.
    SegmentationError
        If the TextGrid cannot be read, or its words or syllables cannot be used.
    """
    if utterance.textgrid is None:
        raise AnnotationError(f'{utterance.id} has no "textgrid" in the manifest: no annotation')
    path, scheme = utterance.textgrid, scheme_of(utterance.scheme)
    found = _mark_tiers(path, utterance.tiers)
    num_frames = _num_frames(utterance, next(iter(found.values())))
    words = _units(path, num_frames, utterance.words_tier)
    syllables = utterance.tiers.get("syllables")

    tones, tier = _read_tones(scheme, found)
    edges = [mark for mark in tones if isinstance(mark, Boundary)]
    boundaries, contradictions = join_tones(
        _read_phrases(scheme, found, words), _sided(scheme, edges, words), tier
    )
    breaks = [read_break(e, found["breaks"].name) for e in _labelled(found.get("breaks"))]
    others = [mark for mark in (*tones, *breaks, *contradictions) if isinstance(mark, Mark)]
    return Annotation(
        id=utterance.id,
        scheme=scheme.name,
        words=words,
        syllables=_units(path, num_frames, syllables) if syllables is not None else (),
        accents=tuple(mark for mark in tones if isinstance(mark, Accent)),
        boundaries=tuple(sorted(boundaries, key=_time)),
        breaks=tuple(mark for mark in breaks if isinstance(mark, Break)),
        unknown=tuple(sorted((mark for mark in others if not mark.known), key=_time)),
        other=tuple(sorted((mark for mark in others if mark.known), key=_time)),
    )


def _mark_tiers(path: Path, tiers: dict[str, str]) -> dict[str, Tier]:
    """Find the tiers that hold marks, by role; a tier of two roles is taken once."""
    present = read_textgrid(path)
    found: dict[str, Tier] = {}
    for role in MARK_ROLES:
        if role in tiers and tiers[role] not in {tier.name for tier in found.values()}:
            try:
                found[role] = find_tier(present, tiers[role])
            except SegmentationError as error:
                raise AnnotationError(f"{path}: {role}: {error}") from error
    if not found:
        names = ", ".join(repr(tier.name) for tier in present) or "no tiers"
        raise AnnotationError(
            f"{path}: the manifest names no tier with accents or boundaries; it has {names}. Name "
            f'one: "tiers": {{ROLE: NAME}}, ROLE one of {", ".join(MARK_ROLES)}'
        )
    return found


def _num_frames(utterance: Utterance, tier: Tier) -> int:
    return max(1, seconds_to_frames(utterance.duration or tier.end))


def _units(path: Path, num_frames: int, tier: str | None) -> tuple[Entry, ...]:
    """Words or syllables as the tokenizer has them: tiled, and then without the pauses."""
    tiled = hierarchy_from_textgrid(path, num_frames, words_tier=tier).words
    times = [frames_to_seconds(edge) for edge in tiled.boundaries.tolist()]
    units = map(Entry, times[:-1], times[1:], tiled.labels)
    return tuple(unit for unit in units if unit.label)


def _labelled(tier: Tier | None) -> list[Entry]:
    """Entries that mark something: an interval may be a gap, a point never is."""
    if tier is None:
        return []
    return [e for e in tier.entries if tier.kind == "point" or not is_gap(e)]


def _read_tones(
    scheme: Scheme, found: dict[str, Tier]
) -> tuple[list[Accent | Boundary | Mark], str]:
    """Read all marks of the tiers of tones, in order of time, and the names of these tiers."""
    tiers = [found[role] for role in TONE_ROLES if role in found]
    tiers += [found[level] for level in LEVELS if level in found and not _is_phrases(found[level])]
    marks = [mark for t in tiers for e in _labelled(t) for mark in read_tones(scheme, e, t.name)]
    return sorted(marks, key=_time), ", ".join(tier.name for tier in tiers)


def _read_phrases(scheme: Scheme, found: dict[str, Tier], words: Sequence[Entry]) -> list[Phrase]:
    tiers = [(found[level], level) for level in LEVELS if level in found]
    return [
        phrase
        for tier, level in tiers
        if _is_phrases(tier)
        for phrase in read_phrases(scheme, tier, level, words)
    ]


def _is_phrases(tier: Tier) -> bool:
    return tier.kind == "interval"


def _sided(
    scheme: Scheme, boundaries: Sequence[Boundary], words: Sequence[Entry]
) -> list[Boundary]:
    """Let a bare ``%`` begin a phrase where a word begins and none ends."""
    if not scheme.edges_by_place:
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
