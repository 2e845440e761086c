"""Leakage: accuracy of speaker classification from tokens and from resynthesis."""

from prosodytok.evaluation.leakage.measure_leakage import Leakage, NotMeasured, measure_leakage
from prosodytok.evaluation.leakage.resynthesis_probe import LeakageItem
from prosodytok.evaluation.leakage.speaker_probe import SpeakerProbe

__all__ = ["Leakage", "LeakageItem", "NotMeasured", "SpeakerProbe", "measure_leakage"]
