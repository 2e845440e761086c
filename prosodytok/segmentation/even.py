"""Units of one length: what needs no boundary to be found, and none to be told."""

from __future__ import annotations

import numpy as np

from prosodytok.prosody import Prosody
from prosodytok.segmentation.acoustic import pauses_in
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.units import seconds_to_frames

#: Length of a unit (frames), two or three syllables.
EVEN_UNIT = seconds_to_frames(0.5)


def even_units(num_frames: int) -> Segmentation:
    """As many units as there are half seconds in an utterance, all of one length but for a frame.

    An utterance of less than three quarters of a second is one unit.
    """
    count = max(1, round(num_frames / EVEN_UNIT))
    edges = np.round(np.linspace(0, num_frames, count + 1)).astype(np.int64)
    return Segmentation.unlabelled(edges)


def segment_even(prosody: Prosody) -> Hierarchy:
    """Cut an utterance into `even_units`, and group them into phrases by pauses.

    Parameters
    ----------
    prosody : Prosody
        T frames.

    Returns
    -------
    Hierarchy
        All labels ``""``, source ``"even"``; a unit that is silent for more than half is a pause.
    """
    words = even_units(prosody.num_frames)
    return phrases_by_pauses(words, "even", pauses=pauses_in(words, prosody))
