"""Tokens for TTS: prosody transfer, conditioning, resynthesis, and files for training TTS."""

from prosodytok.tts.conditioner import ProsodyConditioner, frame_spans
from prosodytok.tts.fastpitch_files import write_fastpitch
from prosodytok.tts.fastspeech2_files import (
    FastSpeech2Utterance,
    fastspeech2_utterance,
    write_fastspeech2,
)
from prosodytok.tts.hibari_voice import HibariVoice
from prosodytok.tts.match_units import Match, match_phrases, match_words, same_words
from prosodytok.tts.phone_textgrids import PhoneFolder
from prosodytok.tts.prosody_reference import Reference
from prosodytok.tts.prosody_synthesizer import Plan, ProsodySynthesizer
from prosodytok.tts.prosody_transfer import Amounts, transfer
from prosodytok.tts.say_text import say, tokens_by_model, tokens_of_reading
from prosodytok.tts.world_resynthesis import WorldAnalysis, resynthesize
from prosodytok.tts.world_voice import WorldVoice

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
    "WorldAnalysis",
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
