"""Measure the constants of `prosodytok.tts.hibari`: register, F0 ratio, energy gain and lag.

    .venv/bin/python recipes/tts_transfer/calibrate.py ../shared/data/speech/dev.jsonl

On forty texts: the register of hibari's speech; the ratio of output F0 to requested F0; the gain of
a word in dB per unit of the network's energy; and the time from the start of the phones, and from
the planned start, to the start of the word found by an aligner.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.segmentation.aligner import align
from prosodytok.tts import HibariVoice
from prosodytok.tts.hibari_voice import DB_PER_UNIT, FRAMES_PER_STEP, HibariPlan
from prosodytok.types.errors import SegmentationError
from prosodytok.types.register import Register

#: Gains applied to every other word (units of the network).
GAINS = (-0.5, -0.25, 0.25, 0.5)


def phone_starts(plan: HibariPlan) -> np.ndarray:
    """Start of the phones of each word (s) in hibari's timing."""
    phones = [phone.word for sentence in plan.sentences for phone in sentence]
    edges = np.append(0, np.cumsum(plan.steps)) * FRAMES_PER_STEP / plan.prosody.frame_rate
    return np.array([edges[phones.index(word)] for word in range(len(plan.spoken))])


def gains(voice: HibariVoice, plan: HibariPlan) -> dict[float, float]:
    """Measured gain (dB) of every other word relative to the rest, for each requested gain."""
    louder = (plan.words.unit_of_frame // 2) % 2 == 1
    times, own = plan.prosody.times, extract(voice.speak(plan))
    loud = np.interp(times, own.times, own.energy) > -35
    measured = {}
    for gain in GAINS:
        energy = plan.prosody.energy + DB_PER_UNIT * gain * louder
        changed = replace(plan, prosody=replace(plan.prosody, energy=energy))
        difference = extract(voice.speak(changed)).energy - own.energy
        gained = np.interp(times, own.times, difference)
        measured[gain] = gained[loud & louder].mean() - gained[loud & ~louder].mean()
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    english = [u for u in read_manifest(options.manifest) if u.language == "en"]
    texts = [u.text for u in english if len(u.text.split()) >= 5][: options.count]
    voice, speech, gained, ratios, lags = HibariVoice(), [], [], [], []
    for text in texts:
        plan = voice.plan(text)
        audio = voice.speak(plan)
        prosody = extract(audio)
        speech.append(prosody)
        gained.append(gains(voice, plan))
        requested = np.interp(prosody.times, plan.prosody.times, plan.prosody.f0)
        ratios.append(np.median((prosody.f0 / requested)[prosody.voiced]))
        try:
            aligned = np.array([start for start, _, _ in align(audio, plan.transcript).words])
        except SegmentationError:
            continue
        if aligned.size == plan.spoken.size:  # a number is one word here and none for the aligner
            planned = plan.words.boundaries[plan.spoken] / plan.prosody.frame_rate
            lags.append(np.stack([aligned - phone_starts(plan), aligned - planned]))
    print("register", Register.estimate(*speech))
    print("F0 output / requested", np.round(np.median(ratios), 4))
    for gain in GAINS:
        print(f"energy {gain:+}: {np.mean([g[gain] for g in gained]) / gain:.1f} dB per unit")
    lag = np.concatenate(lags, axis=1) * 1000
    for name, row in zip(("phones", "plan"), lag, strict=True):
        quartiles = np.percentile(row, [25, 50, 75]).round()
        print(f"aligned start after {name} (ms): quartiles {quartiles}, {row.size} words")


if __name__ == "__main__":
    main()
