"""Units of one length, which need no search and no bits for their boundaries."""

from __future__ import annotations

from prosodytok.segmentation.acoustic import pauses_in
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.types.prosody import Prosody
from prosodytok.types.segmentation import Hierarchy, Segmentation


def segment_even(prosody: Prosody) -> Hierarchy:
    """Cut an utterance into units of half a second, and group them into phrases by pauses.

    Parameters
    ----------
    prosody : Prosody
        T frames.

    Returns
    -------
    Hierarchy
        All labels ``""``, source ``"even"``; a unit that is silent for more than half is a pause.
    """
    words = Segmentation.even(prosody.num_frames)
    return phrases_by_pauses(words, "even", pauses=pauses_in(words, prosody))
