"""Leakage: accuracy of speaker classification from tokens and from resynthesis."""

from prosodytok.evaluation.leakage.measure_leakage import (
    Leakage,
    LeakageItem,
    NotMeasured,
    measure_leakage,
)
from prosodytok.evaluation.leakage.resynthesis_probe import ResynthesisLeakage, measure_resynthesis
from prosodytok.evaluation.leakage.speaker_probe import SpeakerProbe, probe_speakers

__all__ = [
    "Leakage",
    "LeakageItem",
    "NotMeasured",
    "ResynthesisLeakage",
    "SpeakerProbe",
    "measure_leakage",
    "measure_resynthesis",
    "probe_speakers",
]
