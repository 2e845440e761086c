"""Words and phrases from a Praat TextGrid of any format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from prosodytok.io.textgrid import Entry, Tier, find_tier, read_textgrid, tier_names
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.phrases import phrases_by_edges, phrases_by_pauses
from prosodytok.types.errors import SegmentationError
from prosodytok.types.segmentation import Hierarchy, Segmentation
from prosodytok.types.units import frames_to_seconds, seconds_to_frames

#: Words in the names of word tiers.
WORD_TIERS = {
    "word", "words", "ortho", "orthography", "ort", "orth", "text", "token", "tokens", "wort",
    "wörter", "woord", "woorden", "mot", "mots", "palabra", "palabras", "parola", "parole",
}  # fmt: skip
#: Words in the names of phone tiers.
PHONE_TIERS = {
    "phone", "phones", "phoneme", "phonemes", "phon", "segment", "segments", "mau", "foon", "fonen",
}  # fmt: skip
#: Labels of silence in annotations and alignments.
SILENCE_LABELS = {
    "", '""', "#", "##", "_", "-", "h#", "sil", "sp", "pau", "pause", "silence", "(.)", "(sil)",
    "<p>", "<p:>", "<sil>", "<sp>", "<pause>", "<silence>", "<eps>", "[sil]", "[silence]", "{sl}",
}  # fmt: skip

#: Tolerances (s) of the end of a TextGrid, before or after its audio, and of its last word.
END_TOLERANCE = 0.5
WORD_TOLERANCE = 0.1
#: Maximum overlap of intervals (s), for rounded times.
OVERLAP_TOLERANCE = 1e-3

Role = Literal["words", "phones"]


def hierarchy_from_textgrid(
    path: str | Path,
    num_frames: int,
    *,
    words_tier: str | None = None,
    phrases_tier: str | None = None,
) -> Hierarchy:
    """Read words, and phrases where they are annotated, from a TextGrid.

    Gaps and silence labels (``sil``, ``#``, ``<p:>``...) become pauses. Phrase edges are the edges
    of an interval tier, or the points with a ``%`` in their label (ToBI, ToDI and IViE boundary
    tones) or a break index of 4 of a point tier; each moves to the nearest word edge.

    Parameters
    ----------
    path : path
        TextGrid: long, short, binary or chronological, in any encoding that Praat reads.
    num_frames : int
        Frames T of the audio's prosody.
    words_tier : str, optional
        Name of the interval tier with the words; by default that with a name such as ``words``.
    phrases_tier : str, optional
        Name of a tier with phrases; by default phrases end after pauses of 0.2 s.

    Raises
    ------
    SegmentationError
        If the file cannot be read, the tier is missing, ambiguous, empty or of the wrong kind, its
        intervals overlap, or its times do not match the audio; the message names the file.
    """
    path = Path(path)
    tiers = read_textgrid(path)
    try:
        words = _units(tiers, words_tier, "words", num_frames)
        if phrases_tier is None:
            return phrases_by_pauses(words, "textgrid")
        edges = [seconds_to_frames(time) for time in phrase_edges(find_tier(tiers, phrases_tier))]
        return phrases_by_edges(words, edges, "textgrid")
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
    tiers = read_textgrid(path)
    try:
        return _units(tiers, phones_tier, "phones", num_frames)
    except SegmentationError as error:
        raise SegmentationError(f"{path}: {error}") from error


def is_silence(label: str) -> bool:
    """Whether a label denotes silence."""
    return label.strip().lower() in SILENCE_LABELS


def phrase_edges(tier: Tier) -> list[float]:
    """Return the start and end times (s) of the phrases of a tier.

    Raises
    ------
    SegmentationError
        If the tier marks no phrase.
    """
    if tier.kind == "interval":
        marks = [entry for entry in tier.entries if not is_silence(entry.label)]
    else:
        marks = [e for e in tier.entries if "%" in e.label or e.label.strip().startswith("4")]
    if not marks:
        wanted = "labelled interval" if tier.kind == "interval" else "boundary tone or break of 4"
        raise SegmentationError(f"tier {tier.name!r} marks no phrase: it has no {wanted}")
    return sorted({time for mark in marks for time in (mark.start, mark.end)})


def _default_tier(tiers: Sequence[Tier], role: Role) -> Tier:
    """Return the only interval tier with a name for words, or phones."""
    known = WORD_TIERS if role == "words" else PHONE_TIERS
    found = [
        tier
        for tier in tiers
        if tier.kind == "interval" and known & set(re.split(r"[\W_]+", tier.name.lower()))
    ]
    if len(found) != 1:
        problem = f"{tier_names(found)} could all be" if found else "no tier looks like"
        raise SegmentationError(
            f"{problem} the {role}; there are {tier_names(tiers)}. Name the right one: "
            f'{role}_tier=NAME, or "tiers": {{"{role}": NAME}} in a manifest'
        )
    return found[0]


def _units(tiers: Sequence[Tier], name: str | None, role: Role, num_frames: int) -> Segmentation:
    """Validate the words or phones of a tier, and convert them to a segmentation."""
    tier = find_tier(tiers, name) if name else _default_tier(tiers, role)
    if tier.kind != "interval":
        raise SegmentationError(f"tier {tier.name!r} has points; intervals are needed")
    words = sorted(e for e in tier.entries if not is_silence(e.label))
    if not words:
        raise SegmentationError(f"tier {tier.name!r} has no labelled interval")
    for word in words:
        if word.end < word.start:
            raise SegmentationError(f"tier {tier.name!r}: {_describe(word)} ends before it starts")
    for word, following in pairwise(words):
        if following.start < word.end - OVERLAP_TOLERANCE:
            both = f"{_describe(word)} and {_describe(following)}"
            raise SegmentationError(f"tier {tier.name!r}: {both} overlap")
    _check_times(tier, words[-1], frames_to_seconds(num_frames))
    return intervals_to_segmentation(
        [(word.start, word.end, word.label.strip()) for word in words], num_frames
    )


def _check_times(tier: Tier, last: Entry, duration: float) -> None:
    """Raise if the times indicate another recording."""
    if abs(tier.end - duration) > END_TOLERANCE:
        raise SegmentationError(
            f"the TextGrid ends at {tier.end:.2f} s and the audio at {duration:.2f} s: "
            "they are not of the same recording"
        )
    if last.end > duration + WORD_TOLERANCE:
        raise SegmentationError(
            f"tier {tier.name!r} has {_describe(last)}, but the audio ends at {duration:.2f} s"
        )


def _describe(entry: Entry) -> str:
    return f"{entry.label!r} ({entry.start:.3f} to {entry.end:.3f} s)"
