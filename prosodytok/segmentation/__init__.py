"""What a phrase and a word are: from prosody alone, from a TextGrid, or from a transcript.

By a trained network too: `prosodytok.segmentation.learned`, which alone needs torch.
"""

from prosodytok.segmentation.acoustic import find_pauses, pauses_in, segment_acoustic
from prosodytok.segmentation.aligner import Alignment, align, hierarchy_from_transcript
from prosodytok.segmentation.choice import segment
from prosodytok.segmentation.even import segment_even
from prosodytok.segmentation.hierarchy import FRAMES_PER_CELL, Hierarchy, Segmentation, Source
from prosodytok.segmentation.phrases import phrases_by_edges, phrases_by_pauses
from prosodytok.segmentation.textgrid import (
    find_tier,
    hierarchy_from_textgrid,
    phones_from_textgrid,
    phrase_edges,
    read_textgrid,
)
from prosodytok.segmentation.textgrid_file import Entry, Tier
from prosodytok.segmentation.tiling import tile

__all__ = [
    "FRAMES_PER_CELL",
    "Alignment",
    "Entry",
    "Hierarchy",
    "Segmentation",
    "Source",
    "Tier",
    "align",
    "find_pauses",
    "find_tier",
    "hierarchy_from_textgrid",
    "hierarchy_from_transcript",
    "pauses_in",
    "phones_from_textgrid",
    "phrase_edges",
    "phrases_by_edges",
    "phrases_by_pauses",
    "read_textgrid",
    "segment",
    "segment_acoustic",
    "segment_even",
    "tile",
]
