"""A small model and utterances whose tokens follow a rule."""

from dataclasses import replace

import numpy as np

from prosodytok.lm import LMConfig, Script
from prosodytok.lm.contour import CONTOUR
from prosodytok.lm.script import PAUSE, PHRASE
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


def toy_script(seed: int) -> Script:
    """Codes follow from the words; a pause and a phrase follow a comma."""
    words = tuple(np.random.default_rng(seed).choice(WORDS, 6).tolist())
    commas = np.array([word.endswith(",") for word in words])
    breaks = np.append(0, (PAUSE + PHRASE) * commas)
    breaks[-1] = PAUSE
    script = Script(words, "en", Register(), breaks)
    lengths = np.array([len(script.labels[unit]) for unit in range(len(script.labels))])
    script = replace(
        script,
        phrases=np.arange(script.starts.sum())[None] % 4,
        durations=16 + lengths % 5,
        units=np.stack([lengths % 4, lengths % 3]),
    )
    contour = np.random.default_rng(seed).normal(size=(len(script.unit_of_cell), CONTOUR))
    return replace(
        script, contour=contour.astype(np.float32), cells=(script.unit_of_cell % 5)[None]
    )
