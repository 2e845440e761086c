"""Tokens to voices: resynthesis, and files that TTS systems train on."""

from prosodytok.tts.fastspeech2 import export_fastspeech2
from prosodytok.tts.resynthesize import Voice, resynthesize

__all__ = ["Voice", "export_fastspeech2", "resynthesize"]
