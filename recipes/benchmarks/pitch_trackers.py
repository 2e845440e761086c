"""Errors of F0 on real speech: plain Praat, the fitted range, and the repair.

    python recipes/benchmarks/pitch_trackers.py ../shared/data/speech/dev.jsonl --harvest
    python recipes/benchmarks/pitch_trackers.py ../shared/data/expressive/expressive.jsonl --half 1

For each measurement: the share of frames more than 8 semitones from SwiftF0, among the frames that
are voiced and in which SwiftF0 has a confidence of 0.6; the same against Harvest, a third tracker
that has no vote (slow); the share of frames whose voicing differs from SwiftF0's. Intervals are
95 % bootstraps over speakers, or over utterances where there are fewer than five. `--half` takes
every other scene of the expressive speech (the part of the id before the last `_`). Limits were
chosen on half 0 and on training speech. (Errors on sounds with known F0: tests/features/pitch.)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.progress import track

from prosodytok import Audio, Prosody
from prosodytok.evaluation.stats.bootstrap import bootstrap
from prosodytok.features import extract, get_tracker
from prosodytok.features.loudness import peak_level
from prosodytok.features.pitch.fitted_range import FIRST_PASS
from prosodytok.features.pitch.swift_f0 import swift_f0
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.types.f0_range import F0Range
from prosodytok.types.units import samples_to_frames

MEASUREMENTS: dict[str, Callable[[Audio], Prosody]] = {
    "plain Praat, 75 to 500 Hz": lambda audio: extract(
        audio, octave_correction=False, f0_range=F0Range(75.0, 500.0)
    ),
    "Praat in the fitted range": lambda audio: extract(audio, octave_correction=False),
    "extract": extract,
}
#: Confidence of SwiftF0 for F0, and for voicing.
SURE, VOICED = 0.6, 0.5
#: Distance (octaves) that is a gross error.
GROSS = 8 / 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th utterance")
    parser.add_argument("--half", type=int, choices=(0, 1), help="take every other scene")
    parser.add_argument(
        "--loudest", type=float, default=1.0, help="leave out files of a higher RMS (0.1: noise)"
    )
    parser.add_argument("--harvest", action="store_true", help="compare with Harvest too")
    options = parser.parse_args()
    utterances = half(read_manifest(options.manifest), options.half)[:: options.every]
    counts: dict[str, list[np.ndarray]] = {name: [] for name in MEASUREMENTS}
    speakers = []
    for utterance in track(utterances, "tracking"):
        audio = utterance.load()
        if np.sqrt(np.mean(audio.samples**2)) > options.loudest:
            continue
        speakers.append(utterance.speaker)
        for name, found in count(audio, options.harvest).items():
            counts[name].append(found)
    print(f"{len(speakers)} clips")
    for name, rows in counts.items():
        print(f"{name}: {describe(np.array(rows), speakers, options.harvest)}")


def half(utterances: list[Utterance], number: int | None) -> list[Utterance]:
    """The utterances of every other scene, or all."""
    if number is None:
        return utterances
    scenes = sorted({u.id.rpartition("_")[0] for u in utterances})[number::2]
    return [u for u in utterances if u.id.rpartition("_")[0] in set(scenes)]


def count(audio: Audio, harvest: bool) -> dict[str, np.ndarray]:
    """Gross errors and frames against SwiftF0 and Harvest; voicing errors and all frames."""
    num_frames = samples_to_frames(audio.samples.size, audio.sample_rate)
    level = peak_level(audio.samples, audio.sample_rate)
    second, confidence = swift_f0(audio.samples, audio.sample_rate, num_frames, level)
    third = get_tracker("harvest", FIRST_PASS)(audio) if harvest else None
    found = {}
    for name, measure in MEASUREMENTS.items():
        prosody = measure(audio)
        sure = prosody.voiced & (confidence >= SURE)
        row = [np.sum(octaves(prosody.f0, second)[sure] > GROSS), np.sum(sure)]
        if third is not None:
            both = prosody.voiced & third.voiced
            row += [np.sum(octaves(prosody.f0[both], third.f0[both]) > GROSS), np.sum(both)]
        row += [np.sum(prosody.voiced != (confidence >= VOICED)), num_frames]
        found[name] = np.array(row, dtype=float)
    return found


def octaves(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(np.log2(one / other))


def describe(rows: np.ndarray, speakers: list[str | None], harvest: bool) -> str:
    names = ["from SwiftF0", *(["from Harvest"] if harvest else []), "voicing differs"]

    def shares(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {n: 100 * sums[:, 2 * i] / sums[:, 2 * i + 1] for i, n in enumerate(names)}

    found = bootstrap(rows, speakers, shares, seed=0)
    return "; ".join(
        f"{name} {x.value:.2f} % ({x.low:.2f} to {x.high:.2f})" for name, x in found.items()
    )


if __name__ == "__main__":
    main()
