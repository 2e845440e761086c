"""Words and phrases from an English transcript, and how well it fits the sound.

An aligner places the words of any transcript somewhere. Two figures show whether they were spoken
there: the acoustic score of the phones, and the voiced sound that no word explains.
`recipes/boundaries/RESULTS.md` has the distributions that the limits come from.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from prosodytok.segmentation.aligner import Alignment, align
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy
from prosodytok.types.units import frame_times

#: Mean acoustic score of a frame below which a transcript is doubtful, and below which it is wrong.
DOUBTFUL_SCORE, WRONG_SCORE = -3.7, -4.7
#: The same for the share of voiced frames outside all words.
DOUBTFUL_OUTSIDE, WRONG_OUTSIDE = 0.25, 0.55
#: Share of words outside the English dictionary that indicates another language.
FOREIGN = 0.25


def hierarchy_from_transcript(
    audio: Audio, text: str, num_frames: int, prosody: Prosody | None = None
) -> Hierarchy:
    """Align a transcript and group its words into phrases by the pauses between them.

    Parameters
    ----------
    audio : Audio
        The sound.
    text : str
        Its English transcript.
    num_frames : int
        Frames T of the audio's prosody.
    prosody : Prosody, optional
        The audio's prosody, to check that the transcript fits.

    Raises
    ------
    SegmentationError
        As `align`, or if the transcript does not fit the sound; if it hardly does, this is among
        the hierarchy's warnings.
    MissingExtraError
        If pocketsphinx is not installed.
    """
    alignment = align(audio, text)
    doubts = () if prosody is None else doubts_of_fit(alignment, prosody)
    words = intervals_to_segmentation(alignment.words, num_frames)
    return replace(phrases_by_pauses(words, "transcript"), warnings=doubts)


def doubts_of_fit(alignment: Alignment, prosody: Prosody) -> tuple[str, ...]:
    """Sentences about a transcript that hardly fits its sound; none if it fits.

    Parameters
    ----------
    alignment : Alignment
        The aligned transcript.
    prosody : Prosody
        Prosody of the sound.

    Raises
    ------
    SegmentationError
        If the transcript is of other words than the sound.
    """
    score, outside = alignment.score, voiced_outside(alignment, prosody)
    doubts = []
    if alignment.num_unknown > max(1, FOREIGN * len(alignment.words)):
        doubts.append(
            f"{alignment.num_unknown} of its {len(alignment.words)} words are not in the English "
            "dictionary"
        )
    if score < DOUBTFUL_SCORE:
        doubts.append(
            f"the acoustic score of its words is {score:.1f} a frame, where transcripts that fit "
            f"have {DOUBTFUL_SCORE} to 0"
        )
    if outside > DOUBTFUL_OUTSIDE:
        doubts.append(f"{outside:.0%} of the voiced sound lie outside its words")
    if score < WRONG_SCORE or outside > WRONG_OUTSIDE:
        raise SegmentationError(
            f"the transcript does not fit the sound: {'; '.join(doubts)}. Is it of another "
            "recording or language, or is a part missing?"
        )
    return tuple(f"the transcript hardly fits the sound: {doubt}" for doubt in doubts)


def voiced_outside(alignment: Alignment, prosody: Prosody) -> float:
    """Share of voiced frames that lie in no word; 0 if none is voiced."""
    times = frame_times(prosody.num_frames)[prosody.voiced]
    starts, ends = np.array([word[:2] for word in alignment.words]).T
    within = times < ends[np.searchsorted(starts, times, side="right") - 1]
    return float(1 - np.mean(within & (times >= starts[0]))) if times.size else 0.0
