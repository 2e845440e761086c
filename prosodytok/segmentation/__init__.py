"""Segmentation: a `Hierarchy` from prosody, a TextGrid, a transcript, or the sound.

Only `prosodytok.segmentation.learned` needs torch.
"""

from prosodytok.segmentation.acoustic import find_pauses, pauses_in, segment_acoustic
from prosodytok.segmentation.aligner import Alignment, align
from prosodytok.segmentation.even import segment_even
from prosodytok.segmentation.intervals import intervals_to_segmentation
from prosodytok.segmentation.phrases import phrases_by_edges, phrases_by_pauses
from prosodytok.segmentation.segment import segment
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.segmentation.textgrid_tiers import phrase_edges, words_tier_of
from prosodytok.segmentation.textgrid_units import hierarchy_from_textgrid, phones_from_textgrid
from prosodytok.segmentation.transcript_units import hierarchy_from_transcript

__all__ = [
    "Alignment",
    "align",
    "find_pauses",
    "hierarchy_from_textgrid",
    "hierarchy_from_transcript",
    "intervals_to_segmentation",
    "is_silence",
    "pauses_in",
    "phones_from_textgrid",
    "phrase_edges",
    "phrases_by_edges",
    "phrases_by_pauses",
    "segment",
    "segment_acoustic",
    "segment_even",
    "words_tier_of",
]
