"""Contours decoded from phrase and word codes: an input of the frame stage.

Frame codes are the residual of these contours, which are thus a strong predictor of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.register import normalize
from prosodytok.types.segmentation import FRAMES_PER_TOKEN
from prosodytok.types.tokens import ProsodyTokens

#: F0, voicing and energy of each frame of a frame token.
CONTOUR_DIM = FRAMES_PER_TOKEN * 3


def coarse_contours(
    tokenizer: ProsodyTokenizer, utterances: Sequence[ProsodyTokens]
) -> list[NDArray[np.float32]]:
    """Decode phrases and words, and group the frames by frame token.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        Tokenizer of the tokens.
    utterances : sequence of ProsodyTokens
        Tokens with phrase and word levels.

    Returns
    -------
    list of (F, 24) float32
        Normalised F0, voicing and energy, frame after frame; 0 beyond the end of the utterance.

    Raises
    ------
    TokenError
        If the tokens belong to another tokenizer.
    """
    decoded = tokenizer.decode_batch(utterances, ["phrase", "word"])
    contours = []
    for tokens, prosody in zip(utterances, decoded, strict=True):
        frames = normalize(prosody, tokens.register)
        padding = -len(frames) % FRAMES_PER_TOKEN
        contours.append(np.pad(frames, ((0, padding), (0, 0))).reshape(-1, CONTOUR_DIM))
    return contours
