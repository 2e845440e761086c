"""Tokens to voices: resynthesis, conditioning, and files that TTS systems train on."""

from prosodytok.tts.conditioner import ProsodyConditioner, frame_spans
from prosodytok.tts.fastspeech2 import (
    FastSpeech2Utterance,
    fastspeech2_utterance,
    write_fastspeech2,
)
from prosodytok.tts.phones import PhoneFolder
from prosodytok.tts.resynthesize import Voice, resynthesize

__all__ = [
    "FastSpeech2Utterance",
    "PhoneFolder",
    "ProsodyConditioner",
    "Voice",
    "fastspeech2_utterance",
    "frame_spans",
    "resynthesize",
    "write_fastspeech2",
]
