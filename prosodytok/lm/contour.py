"""What phrases and words decode to, as the frame stage is told of it.

Frame codes say what phrases and words have left to say: what these decode to tells much of it, and
it follows from their codes alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types.register import normalize
from prosodytok.types.segmentation import FRAMES_PER_TOKEN
from prosodytok.types.tokens import ProsodyTokens

#: F0, voicing and energy of each frame of a cell.
CONTOUR = FRAMES_PER_TOKEN * 3


def contours(
    tokenizer: ProsodyTokenizer, utterances: Sequence[ProsodyTokens]
) -> list[NDArray[np.float32]]:
    """Decode phrases and words, and cut what they say into cells.

    Parameters
    ----------
    tokenizer : ProsodyTokenizer
        The one that made the tokens.
    utterances : sequence of ProsodyTokens
        With phrase and word levels.

    Returns
    -------
    list of (F, 24) float32
        Normalised F0, voicing and energy, frame after frame; 0 beyond the utterance's end.

    Raises
    ------
    TokenError
        If the tokens are another tokenizer's.
    """
    decoded = tokenizer.decode_batch(utterances, ["phrase", "word"])
    cut = []
    for tokens, prosody in zip(utterances, decoded, strict=True):
        frames = normalize(prosody, tokens.register)
        beyond = -len(frames) % FRAMES_PER_TOKEN
        cut.append(np.pad(frames, ((0, beyond), (0, 0))).reshape(-1, CONTOUR))
    return cut
