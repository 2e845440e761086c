"""Units of equal length, whose boundaries need no search and almost no bits."""

from __future__ import annotations

from prosodytok.segmentation.acoustic import pauses_in
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy, Segmentation


def segment_even(prosody: Prosody) -> Hierarchy:
    """Divide an utterance into units of half a second, and group them into phrases by pauses.

    Parameters
    ----------
    prosody : Prosody
        T frames.

    Returns
    -------
    Hierarchy
        All labels ``""``, source ``"even"``; units with mostly silent frames are pauses.
    """
    words = Segmentation.even(prosody.num_frames)
    return phrases_by_pauses(words, "even", pauses=pauses_in(words, prosody))
