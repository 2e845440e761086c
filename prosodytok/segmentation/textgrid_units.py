"""Words and phrases from a Praat TextGrid of any format."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import compress, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prosodytok.io.textgrid import Entry, TextGrid, Tier, find_tier, read_textgrid
from prosodytok.segmentation.acoustic import segment_acoustic
from prosodytok.segmentation.intervals import SHORTEST_GAP, intervals_to_segmentation
from prosodytok.segmentation.phrases import phrases_by_edges, phrases_by_pauses
from prosodytok.segmentation.point_words import points_to_intervals
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.segmentation.textgrid_part import TextGridPart
from prosodytok.segmentation.textgrid_tiers import (
    Role,
    default_tier,
    phrase_edges,
    phrases_without_words,
)
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Tolerance (s) of the first and last word before and after the sound.
WORD_TOLERANCE = 0.1
#: Maximum overlap of intervals (s): times rounded to frames of 10 ms.
OVERLAP_TOLERANCE = 0.02
#: Difference (s) between the ends of a TextGrid and its sound that is doubtful.
DOUBTFUL_END = 0.05


def hierarchy_from_textgrid(
    path: str | Path,
    num_frames: int,
    *,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
    silence_labels: Collection[str] = (),
    prosody: Prosody | None = None,
    part: TextGridPart | None = None,
) -> Hierarchy:
    """Read words, and phrases where they are annotated, from a TextGrid.

    Gaps and silence labels (``sil``, ``#``, ``<p:>``...) become pauses. Phrase edges are the edges
    of an interval tier, or the points with a ``%`` in their label (ToBI, ToDI and IViE boundary
    tones) or a break index of 4 of a point tier; each moves to the nearest word edge. Times are
    relative to the start of the sound, see `io.textgrid.align_to_sound`; words as points are read
    by `points_to_intervals`. If no tier can have words but one has boundary tones, the words are
    found in the prosody by rule.

    Parameters
    ----------
    path : path
        TextGrid: long, short, binary or chronological, in any encoding that Praat reads.
    num_frames : int
        Frames T of the audio's prosody.
    words_tier : str, optional
        Name or number (from 1) of the tier with the words; by default that with a name such as
        ``words``.
    phrases_tier : str, optional
        Name or number of a tier with phrases; by default phrases end after pauses of 0.2 s.
    silence_labels : collection of str
        Labels of silence beside the known ones, see `is_silence`.
    prosody : Prosody, optional
        The audio's prosody, for words as points, and for tones without words.
    part : TextGridPart, optional
        The part of the TextGrid that belongs to the audio; by default all of it.

    Raises
    ------
    SegmentationError
        If the file cannot be read, the tier is missing, ambiguous, empty or of the wrong kind, its
        intervals overlap, or its times do not match the audio; the message names the file.
    """
    path = Path(path)
    grid = part.read(path) if part else read_textgrid(path, frames_to_seconds(num_frames))
    try:
        if part and words_tier is None:
            words_tier = part.words_tier(grid)
        if prosody is not None and words_tier is None:
            phrases = phrases_without_words(grid, phrases_tier)
            if phrases is not None:
                return _words_by_rule(prosody, phrases)
        tier = _tier(grid, words_tier, "words", silence_labels)
        words, doubts = _units(tier, num_frames, silence_labels, prosody)
        if phrases_tier is None:
            hierarchy = phrases_by_pauses(words, "textgrid")
        else:
            edges = _frames(phrase_edges(find_tier(grid, phrases_tier)))
            hierarchy = phrases_by_edges(words, edges, "textgrid")
        return replace(hierarchy, warnings=_doubtful_end(grid, num_frames) + doubts)
    except SegmentationError as error:
        raise SegmentationError(f"{path}: {error}") from error


def phones_from_textgrid(
    path: str | Path, num_frames: int, *, phones_tier: str | None = None
) -> Segmentation:
    """Read phones from a TextGrid, such as those of the Montreal Forced Aligner.

    Parameters and errors are those of `hierarchy_from_textgrid`; `phones_tier` is by default the
    interval tier with a name such as ``phones``. Pauses have the label ``""``.
    """
    path = Path(path)
    grid = read_textgrid(path, frames_to_seconds(num_frames))
    try:
        tier = _tier(grid, phones_tier, "phones", ())
        if tier.kind != "interval":
            raise SegmentationError(f"tier {tier.name!r} has points; phones must be intervals")
        return _units(tier, num_frames, (), None)[0]
    except SegmentationError as error:
        raise SegmentationError(f"{path}: {error}") from error


def _tier(grid: TextGrid, name: str | None, role: Role, silence_labels: Collection[str]) -> Tier:
    return find_tier(grid, name) if name else default_tier(grid, role, silence_labels)


def _units(
    tier: Tier, num_frames: int, silence_labels: Collection[str], prosody: Prosody | None
) -> tuple[Segmentation, tuple[str, ...]]:
    """Validate the words or phones of a tier; return them, and what is doubtful about them."""
    duration = frames_to_seconds(num_frames)
    entries = sorted(tier.entries)
    doubts: tuple[str, ...] = ()
    is_unit = [not is_silence(entry.label, silence_labels) for entry in entries]
    if not any(is_unit):
        raise SegmentationError(f"tier {tier.name!r} has no labelled {tier.kind}")
    _check_times(tier, list(compress(entries, is_unit)), duration)
    if tier.kind == "point":
        entries, convention = points_to_intervals(entries, is_unit, duration, prosody)
        doubts = (f"the points of tier {tier.name!r} are taken as the {convention} of words",)
    units = list(compress(entries, is_unit))
    _check_order(tier, units)
    intervals = [(unit.start, unit.end, unit.label.strip()) for unit in units]
    return intervals_to_segmentation(intervals, num_frames), doubts


def _check_order(tier: Tier, units: Sequence[Entry]) -> None:
    for unit in units:
        if unit.end < unit.start:
            raise SegmentationError(f"tier {tier.name!r}: {_describe(unit)} ends before it starts")
    for unit, following in pairwise(units):
        if following.start < unit.end - OVERLAP_TOLERANCE:
            both = f"{_describe(unit)} and {_describe(following)}"
            raise SegmentationError(f"tier {tier.name!r}: {both} overlap")


def _check_times(tier: Tier, units: Sequence[Entry], duration: float) -> None:
    """Raise if the times indicate another recording."""
    if units[-1].end > duration + WORD_TOLERANCE:
        raise SegmentationError(
            f"tier {tier.name!r} has {_describe(units[-1])}, but the audio ends at {duration:.2f} s"
        )
    if units[0].start < -WORD_TOLERANCE:
        raise SegmentationError(
            f"tier {tier.name!r} has {_describe(units[0])}, but the audio starts at 0 s"
        )


def _doubtful_end(grid: TextGrid, num_frames: int) -> tuple[str, ...]:
    difference = frames_to_seconds(num_frames) - grid.end
    if abs(difference) <= DOUBTFUL_END:
        return ()
    side = "before" if difference > 0 else "after"
    return (f"the TextGrid ends {abs(difference):.2f} s {side} the sound",)


def _words_by_rule(prosody: Prosody, phrases: Tier) -> Hierarchy:
    """Words found by rule, divided at the edges of annotated phrases."""
    found = segment_acoustic(prosody)
    edges = _frames(phrase_edges(phrases))
    words, pauses = _divide(found, edges)
    hierarchy = phrases_by_edges(words, edges, "textgrid", pauses=pauses)
    doubt = f"the TextGrid has no words: found by rule, in phrases by tier {phrases.name!r}"
    return replace(hierarchy, warnings=(doubt,))


def _divide(found: Hierarchy, frames: Sequence[int]) -> tuple[Segmentation, NDArray[np.bool_]]:
    """Divide words at frames that lie at least 60 ms from their edges; pauses stay whole."""
    words, pauses = found.words, found.pauses
    assert pauses is not None  # of units by rule
    distance = np.abs(words.boundaries - np.array(frames)[:, None]).min(axis=1)
    inside = ~pauses[words.unit_at(frames)] & (distance >= seconds_to_frames(SHORTEST_GAP))
    boundaries = np.union1d(words.boundaries, np.array(frames)[inside])
    return Segmentation.unlabelled(boundaries), pauses[words.unit_at(boundaries[:-1])]


def _frames(times: Sequence[float]) -> list[int]:
    return [seconds_to_frames(time) for time in times]


def _describe(entry: Entry) -> str:
    return f"{entry.label!r} ({entry.start:.3f} to {entry.end:.3f} s)"
