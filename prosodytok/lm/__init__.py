"""A language model of prosody: text in; phrase, word and frame tokens out."""

from prosodytok.lm.config import LMConfig
from prosodytok.lm.contour import contours
from prosodytok.lm.model import ProsodyLM
from prosodytok.lm.network import LMNetwork, Stage, batch_of, field_bits
from prosodytok.lm.pretrained import load_lm, save_lm
from prosodytok.lm.sampling import Sampling
from prosodytok.lm.script import Script, script_of
from prosodytok.lm.text import split_text

__all__ = [
    "LMConfig",
    "LMNetwork",
    "ProsodyLM",
    "Sampling",
    "Script",
    "Stage",
    "batch_of",
    "contours",
    "field_bits",
    "load_lm",
    "save_lm",
    "script_of",
    "split_text",
]
