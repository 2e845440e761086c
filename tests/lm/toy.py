"""Config of a small model, and utterances with tokens that follow a rule."""

from dataclasses import replace

import numpy as np

from prosodytok.lm import LMConfig, LMUtterance
from prosodytok.lm.coarse_contours import CONTOUR_DIM
from prosodytok.lm.lm_utterance import PAUSE, PHRASE
from prosodytok.types.register import Register

CONFIG = LMConfig(
    tokenizer="base@00000000",
    codebook_sizes={"phrase": (4,), "word": (4, 3), "frame": (5,)},
    alphabet=",abcdefghijklmnopqrstuvwxyz",
    languages=("de", "en"),
    register_default=Register().to_dict(),
    dim=32,
    heads=2,
    layers=1,
    hidden=32,
    window=6,
    dilations=(1,),
    dropout=0.0,
)
WORDS = ("so", "long,", "my", "old", "friends,", "good", "day")


def toy_utterance(seed: int) -> LMUtterance:
    """Codes depend on the words; a comma is followed by a pause and a phrase."""
    words = tuple(np.random.default_rng(seed).choice(WORDS, 6).tolist())
    commas = np.array([word.endswith(",") for word in words])
    breaks = np.append(0, (PAUSE + PHRASE) * commas)
    breaks[-1] = PAUSE
    utterance = LMUtterance(words, "en", Register(), breaks)
    lengths = np.array([len(label) for label in utterance.labels])
    utterance = replace(
        utterance,
        phrase_codes=np.arange(utterance.phrase_starts.sum())[None] % 4,
        durations=16 + lengths % 5,
        word_codes=np.stack([lengths % 4, lengths % 3]),
    )
    unit = utterance.unit_of_frame_token
    contour = np.random.default_rng(seed).normal(size=(len(unit), CONTOUR_DIM))
    return replace(utterance, contour=contour.astype(np.float32), frame_codes=(unit % 5)[None])
