"""Agreement of the codes of a recording with those of a changed copy, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prosodytok.types import ProsodyTokens, TokenLevel
from prosodytok.types.errors import ProsodytokError
from prosodytok.types.units import seconds_to_frames

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CommonStretch:
    """The frames (10 ms) that a recording and its copy have in common.

    Parameters
    ----------
    original, copy : slice
        The same L frames in the recording and in the copy.
    """

    original: slice
    copy: slice

    @classmethod
    def of(cls, original: int, copy: int, offset: float) -> CommonStretch:
        """Find the stretch.

        Parameters
        ----------
        original, copy : int
            Numbers of frames.
        offset : float
            Time (s) of the recording at which the copy starts.

        Raises
        ------
        ProsodytokError
            If they have no frame in common.
        """
        start = seconds_to_frames(offset)
        length = min(original - start, copy)
        if length <= 0:
            raise ProsodytokError("too short: nothing is left of it")
        return cls(slice(start, start + length), slice(0, length))


def codebooks_of(tokens: ProsodyTokens) -> dict[str, TokenLevel]:
    """The codebooks of all levels, each as a level of its own.

    A level with one codebook has its name (``"phrase"``). A level with several is listed codebook
    by codebook, counted from 1 (``"word 1"``, ``"word 2"``), and with all of them (``"word"``).
    """
    found = {}
    for level in tokens.levels:
        sizes = level.codebook_sizes
        if len(sizes) > 1:
            for book, size in enumerate(sizes):
                one = replace(level, codes=level.codes[[book]], codebook_sizes=(size,))
                found[f"{level.name} {book + 1}"] = one
        found[level.name] = level
    return found


def codes_by_frame(level: TokenLevel, frames: slice) -> NDArray[np.int64]:
    """The codes in some of the frames, shape (K, L)."""
    return level.codes[:, level.segmentation.unit_of_frame[frames]]


def same_codes(original: TokenLevel, copy: TokenLevel, stretch: CommonStretch) -> Mask:
    """In which frames of the stretch the codes of all K codebooks are the same, shape (L,)."""
    first = codes_by_frame(original, stretch.original)
    return np.asarray((first == codes_by_frame(copy, stretch.copy)).all(axis=0))


def chance_agreement(levels: Sequence[TokenLevel], masks: Sequence[Mask]) -> float:
    """Agreement expected of codes that are drawn independently by their shares of time.

    Parameters
    ----------
    levels : sequence of TokenLevel
        The same codebooks in N utterances.
    masks : sequence of (T,) bool
        The frames of each utterance that count.

    Returns
    -------
    float
        The sum of the squared shares of time of all codes (or combinations of K codes); NaN if no
        frame counts.
    """
    frames = [
        np.bincount(level.segmentation.unit_of_frame, weights=mask, minlength=len(level))
        for level, mask in zip(levels, masks, strict=True)
    ]
    codes = np.concatenate([level.codes for level in levels], axis=1)
    _, index = np.unique(codes, axis=1, return_inverse=True)
    time = np.bincount(index.ravel(), weights=np.concatenate(frames))
    return float(np.square(time / time.sum()).sum()) if time.any() else float("nan")
