"""Comparison of the tokens of a recording with those of a changed copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prosodytok.evaluation.boundaries import match_edges
from prosodytok.evaluation.boundaries.edge_matching import edge_scores
from prosodytok.evaluation.stability.code_agreement import (
    CommonStretch,
    Mask,
    codebooks_of,
    same_codes,
)
from prosodytok.evaluation.stability.kmeans_yardstick import KMeansYardstick
from prosodytok.evaluation.stability.unit_edit_distance import count_unit_edits
from prosodytok.evaluation.stats.bootstrap import Floats, ratio
from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.tokenizer.utterance import TokenizedUtterance
from prosodytok.types import Segmentation, TokenLevel
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE, hz_to_cents

#: Distance (s) within which edges agree.
TOLERANCE = 0.02


@dataclass(frozen=True)
class CodedSound:
    """A tokenized recording or copy.

    Parameters
    ----------
    codebooks : mapping of str to TokenLevel
        Codes of each codebook of the tokens and of the yardstick; see `codebooks_of`.
    units : mapping of str to Segmentation
        Units of each level.
    spoken : (T,) bool
        The frames in units that are no pauses.
    decoded : mapping of str to Prosody
        The prosody decoded from each prefix of levels.
    """

    codebooks: Mapping[str, TokenLevel]
    units: Mapping[str, Segmentation]
    spoken: Mask
    decoded: Mapping[str, Prosody]

    @classmethod
    def of(
        cls,
        utterance: TokenizedUtterance,
        tokenizer: ProsodyTokenizer,
        yardstick: KMeansYardstick,
    ) -> CodedSound:
        """Code the units by the yardstick too, and decode the tokens."""
        tokens, hierarchy = utterance.tokens, utterance.example.hierarchy
        return cls(
            codebooks_of(tokens) | yardstick.codebooks(utterance.example),
            {level.name: level.segmentation for level in tokens.levels},
            hierarchy.spoken[hierarchy.words.unit_of_frame],
            tokenizer.decode_prefixes(tokens),
        )


@dataclass(frozen=True)
class CopySums:
    """Sums over the common stretch of a recording and a copy, which add up over utterances.

    Parameters
    ----------
    codes : dict of str to (6,) float64
        By codebook, for `code_scores`: frames with the same code, and all; the same of speech;
        unit edits, and units of the recording.
    edges : dict of str to (3,) float64
        By level, for `edge_scores`: pairs of edges, and edges of the recording and of the copy.
    contour : dict of str to (2,) float64
        By prefix of levels, for `contour_scores`: squared cents, and frames voiced in both.
    """

    codes: dict[str, Floats]
    edges: dict[str, Floats]
    contour: dict[str, Floats]


def compare_copy(original: CodedSound, copy: CodedSound, offset: float) -> CopySums:
    """Compare a recording with a copy that starts at `offset` (s) of it.

    Raises
    ------
    ProsodytokError
        If they have no frame in common.
    """
    stretch = CommonStretch.of(original.spoken.size, copy.spoken.size, offset)
    spoken = original.spoken[stretch.original]
    return CopySums(
        {
            name: _code_sums(level, copy.codebooks[name], stretch, spoken)
            for name, level in original.codebooks.items()
        },
        {
            name: _edge_sums(units, copy.units[name], stretch)
            for name, units in original.units.items()
        },
        {
            name: _contour_sums(prosody, copy.decoded[name], stretch)
            for name, prosody in original.decoded.items()
        },
    )


def code_scores(sums: Floats) -> dict[str, Floats]:
    """``agreement`` of all frames, that of ``speech``, and ``edit_distance``, of sums (..., 6)."""
    same, frames, spoken_same, spoken, edits, units = np.moveaxis(sums, -1, 0)
    return {
        "agreement": ratio(same, frames),
        "speech": ratio(spoken_same, spoken),
        "edit_distance": ratio(edits, units),
    }


def edge_f1(sums: Floats) -> dict[str, Floats]:
    """``f1`` of sums (..., 3) of edges."""
    return {"f1": edge_scores(sums)["f1"]}


def contour_scores(sums: Floats) -> dict[str, Floats]:
    """``cents``, the root mean square, of sums (..., 2)."""
    return {"cents": ratio(sums[..., 0], sums[..., 1]) ** 0.5}


def _code_sums(
    original: TokenLevel, copy: TokenLevel, stretch: CommonStretch, spoken: Mask
) -> Floats:
    same = same_codes(original, copy, stretch)
    units = np.unique(original.segmentation.unit_of_frame[stretch.original])
    copied = np.unique(copy.segmentation.unit_of_frame[stretch.copy])
    edits = count_unit_edits(original.codes[:, units], copy.codes[:, copied])
    sums = [same.sum(), same.size, same[spoken].sum(), spoken.sum(), edits, units.size]
    return np.array(sums, dtype=np.float64)


def _edge_sums(original: Segmentation, copy: Segmentation, stretch: CommonStretch) -> Floats:
    reference = _edges_within(original, stretch.original)
    found = _edges_within(copy, stretch.copy)
    return match_edges(reference, found, TOLERANCE).sums.astype(np.float64)


def _edges_within(units: Segmentation, frames: slice) -> NDArray[np.float64]:
    """Times (s) of the edges within a stretch, from its start, without its own."""
    edges = units.boundaries - frames.start
    length = frames.stop - frames.start
    return np.asarray(edges[(edges > 0) & (edges < length)] / FRAME_RATE)


def _contour_sums(original: Prosody, copy: Prosody, stretch: CommonStretch) -> Floats:
    first, second = original.part(stretch.original), copy.part(stretch.copy)
    both = first.voiced & second.voiced
    change = hz_to_cents(second.f0[both].astype(np.float64) / first.f0[both], 1.0)
    return np.array([np.square(change).sum(), both.sum()], dtype=np.float64)
