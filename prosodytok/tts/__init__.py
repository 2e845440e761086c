"""Tokens to voices: TTS led by tokens, conditioning, resynthesis, and files that TTS train on."""

from prosodytok.tts.adapter import Plan, ProsodySynthesizer
from prosodytok.tts.conditioner import ProsodyConditioner, frame_spans
from prosodytok.tts.fastpitch import write_fastpitch
from prosodytok.tts.fastspeech2 import (
    FastSpeech2Utterance,
    fastspeech2_utterance,
    write_fastspeech2,
)
from prosodytok.tts.hibari import HibariVoice
from prosodytok.tts.match import Match, match_phrases, match_words, same_words
from prosodytok.tts.phones import PhoneFolder
from prosodytok.tts.reference import Reference
from prosodytok.tts.resynthesize import Voice, resynthesize
from prosodytok.tts.say import say, tokens_by_model, tokens_of_reading
from prosodytok.tts.transfer import Amounts, transfer
from prosodytok.tts.world import WorldVoice

__all__ = [
    "Amounts",
    "FastSpeech2Utterance",
    "HibariVoice",
    "Match",
    "PhoneFolder",
    "Plan",
    "ProsodyConditioner",
    "ProsodySynthesizer",
    "Reference",
    "Voice",
    "WorldVoice",
    "fastspeech2_utterance",
    "frame_spans",
    "match_phrases",
    "match_words",
    "resynthesize",
    "same_words",
    "say",
    "tokens_by_model",
    "tokens_of_reading",
    "transfer",
    "write_fastpitch",
    "write_fastspeech2",
]
