"""A language model of prosody: text in; phrase, word and frame tokens out."""

from prosodytok.lm.coarse_contours import coarse_contours
from prosodytok.lm.config import LMConfig
from prosodytok.lm.lm_utterance import LMUtterance, tokens_to_utterance
from prosodytok.lm.lm_weights import load_lm, save_lm
from prosodytok.lm.network import LMNetwork, Stage, collate_sequences, field_bits
from prosodytok.lm.prosody_lm import ProsodyLM
from prosodytok.lm.sampling import Sampling
from prosodytok.lm.spelling import split_text

__all__ = [
    "LMConfig",
    "LMNetwork",
    "LMUtterance",
    "ProsodyLM",
    "Sampling",
    "Stage",
    "coarse_contours",
    "collate_sequences",
    "field_bits",
    "load_lm",
    "save_lm",
    "split_text",
    "tokens_to_utterance",
]
