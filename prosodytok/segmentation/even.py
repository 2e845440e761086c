"""Units of one length: what needs no boundary to be found, and none to be told."""

from __future__ import annotations

import numpy as np

from prosodytok.prosody import Prosody
from prosodytok.segmentation.acoustic import find_pauses
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.units import seconds_to_frames

#: Length of a unit (frames): four frame tokens, a syllable and a half.
EVEN_UNIT = seconds_to_frames(0.32)


def segment_even(prosody: Prosody, unit: int = EVEN_UNIT) -> Hierarchy:
    """Cut an utterance into units of one length, and group them into phrases by pauses.

    Parameters
    ----------
    prosody : Prosody
        T frames.
    unit : int
        Length of a unit (frames); the last may be shorter.

    Returns
    -------
    Hierarchy
        All labels ``""``, source ``"even"``; a unit that is silent for more than half is a pause.
    """
    words = Segmentation.grid(prosody.num_frames, unit)
    silent = np.add.reduceat(find_pauses(prosody).astype(np.int64), words.boundaries[:-1])
    return phrases_by_pauses(words, "even", pauses=2 * silent > words.durations)
