"""Tokens to voices: resynthesis, conditioning, and files that TTS systems train on."""

from prosodytok.tts.conditioner import ProsodyConditioner, frame_spans
from prosodytok.tts.fastspeech2 import export_fastspeech2
from prosodytok.tts.resynthesize import Voice, resynthesize

__all__ = [
    "ProsodyConditioner",
    "Voice",
    "export_fastspeech2",
    "frame_spans",
    "resynthesize",
]
