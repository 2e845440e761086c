"""Tokens to voices: TTS led by tokens, resynthesis, and files that TTS systems train on."""

from prosodytok.tts.adapter import Plan, ProsodySynthesizer
from prosodytok.tts.fastspeech2 import export_fastspeech2
from prosodytok.tts.hibari import HibariVoice
from prosodytok.tts.resynthesize import Voice, resynthesize
from prosodytok.tts.say import say, tokens_of_reading
from prosodytok.tts.transfer import (
    Amounts,
    Match,
    Reference,
    match_phrases,
    match_words,
    same_words,
    transfer,
)
from prosodytok.tts.world import WorldVoice

__all__ = [
    "Amounts",
    "HibariVoice",
    "Match",
    "Plan",
    "ProsodySynthesizer",
    "Reference",
    "Voice",
    "WorldVoice",
    "export_fastspeech2",
    "match_phrases",
    "match_words",
    "resynthesize",
    "same_words",
    "say",
    "tokens_of_reading",
    "transfer",
]
