"""Units of one length: what needs no boundary to be found, and none to be told."""

from __future__ import annotations

from prosodytok.prosody import Prosody
from prosodytok.segmentation.acoustic import pauses_in
from prosodytok.segmentation.hierarchy import Hierarchy, Segmentation
from prosodytok.segmentation.phrases import phrases_by_pauses
from prosodytok.units import seconds_to_frames

#: Length of a unit (frames): four frame tokens, a syllable and a half.
EVEN_UNIT = seconds_to_frames(0.32)


def segment_even(prosody: Prosody) -> Hierarchy:
    """Cut an utterance into units of 320 ms, and group them into phrases by pauses.

    Parameters
    ----------
    prosody : Prosody
        T frames.

    Returns
    -------
    Hierarchy
        All labels ``""``, source ``"even"``; the last unit may be shorter, and one that is silent
        for more than half is a pause.
    """
    words = Segmentation.grid(prosody.num_frames, EVEN_UNIT)
    return phrases_by_pauses(words, "even", pauses=pauses_in(words, prosody))
