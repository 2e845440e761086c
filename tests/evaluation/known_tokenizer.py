"""A tokenizer with codes of known effect, and tokens for it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from prosodytok.tokenizer import ProsodyTokenizer
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel
from prosodytok.types.prosody import Prosody

#: Number of frames of an utterance, and edges of its units.
FRAMES = 240
EDGES = {"phrase": [0, 120, 240], "word": [0, 40, 120, 200, 240], "frame": list(range(0, 241, 8))}
SIZE = 8


class _SumBackend:
    """A backend whose embedding of a unit is the sum of its codes."""

    checkpoint = "known@00000000"

    def embed(self, level: str, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        del level
        return codes.sum(axis=1, keepdims=True).astype(np.float32)


class KnownTokenizer(ProsodyTokenizer):
    """Phrase codes do nothing; a word code raises its word's F0, a frame code its frames' energy.

    Only the first of several codebooks has an effect: 100 cents of F0 and 2 dB of energy per code.
    """

    def __init__(self) -> None:
        self.backend = _SumBackend()  # type: ignore[assignment]

    def decode(
        self,
        tokens: ProsodyTokens,
        levels: Iterable[str] | None = None,
        *,
        register: Register | None = None,
    ) -> Prosody:
        selected = tokens if levels is None else tokens.select(levels)
        shift = {name: np.zeros(tokens.num_frames) for name in EDGES}
        for level in selected.levels:
            shift[level.name] = level.codes[0][level.segmentation.unit_of_frame].astype(float)
        median = (register or tokens.register).f0_median_hz
        f0 = median * 2 ** (shift["word"] / 12)
        return Prosody(f0, np.ones(tokens.num_frames, bool), 2 * shift["frame"] - 40)

    def decode_durations(self, tokens: ProsodyTokens) -> NDArray[np.float64]:
        return np.exp2(tokens["word"].codes[0] / 4)


def make_tokens(
    rng: np.random.Generator, books: int = 1, register: Register | None = None, **given: int
) -> ProsodyTokens:
    """Random codes; in the given levels, one code throughout."""
    levels = []
    for name, edges in EDGES.items():
        codes = rng.integers(SIZE, size=(books, len(edges) - 1))
        if name in given:
            codes = np.full_like(codes, given[name])
        levels.append(TokenLevel(name, codes, (SIZE,) * books, Segmentation.unlabelled(edges)))
    return ProsodyTokens(tuple(levels), register or Register(), FRAMES)
