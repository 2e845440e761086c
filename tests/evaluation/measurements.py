"""Measurements of utterances, with known results."""

from collections.abc import Sequence

import numpy as np

from prosodytok.evaluation import ProsodyErrors
from prosodytok.evaluation.reconstruction.measurement import FLAT, SECOND, Measurement
from prosodytok.types import ProsodyTokens, Register, Segmentation, TokenLevel

SIZES = {"phrase": (16,), "word": (32,), "frame": (32, 4)}
PREFIXES = ("phrase", "phrase + word", "phrase + word + frame")


def make_tokens(
    words: Sequence[int],
    phrases: Sequence[int] | None = None,
    *,
    labels: Sequence[str] | None = None,
    source: str = "acoustic",
    seed: int | None = 0,
) -> ProsodyTokens:
    """Tokens with these edges and random codes, or with all codes 0 where `seed` is None."""
    rng = np.random.default_rng(seed)
    frames = words[-1]
    segmentations = {
        "phrase": Segmentation.unlabelled(phrases or [0, frames]),
        "word": Segmentation(np.array(words), tuple(labels or [""] * (len(words) - 1))),
        "frame": Segmentation.grid(frames),
    }
    levels = []
    for name, units in segmentations.items():
        codes = np.array([rng.integers(size, size=len(units)) for size in SIZES[name]])
        codes = codes * (seed is not None)
        levels.append(TokenLevel(name, codes, SIZES[name], units))
    register = Register().with_word_rate(len(words) - 1, frames / 100)
    return ProsodyTokens(tuple(levels), register, frames, source=source)


def make_measurement(seed: int, *, speaker: str, part: str) -> Measurement:
    """1.04 s: a word of exact decoded duration; a word and a pause with the double duration."""
    tokens = make_tokens([0, 36, 76, 104], seed=seed)
    errors = {
        prefix: ProsodyErrors(absolute=10.0 * 50, squared=100.0 * 50, voiced=50, frames=104)
        for prefix in PREFIXES
    }
    errors[FLAT] = ProsodyErrors(wrong_voicing=52, voiced=52, frames=104)
    errors[SECOND] = ProsodyErrors(absolute=50.0, squared=100.0, voiced=50, frames=104)
    return Measurement(
        id=f"u{seed}",
        part=part,
        speaker=speaker,
        tokens=tokens,
        errors=errors,
        errors_fitted=errors,
        decoded_s=np.array([0.36, 0.80, 0.56]),
        pauses=np.array([False, False, True]),
        edges={},
        sound=None,
    )
