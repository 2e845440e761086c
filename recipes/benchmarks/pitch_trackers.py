"""Agreement of pitch trackers on real speech, without and with octave repair.

    python recipes/benchmarks/pitch_trackers.py ../shared/data/speech/dev.jsonl --every 3

For each pair: the share of frames voiced in both with F0 within 20 %. For Praat also: the number of
voiced frames that octave repair changes, and the resulting error against plain Praat, the quality
reference. (Errors on sounds with known F0: tests/features.)
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.progress import track

from prosodytok import Prosody
from prosodytok.evaluation import ProsodyErrors, prosody_errors
from prosodytok.features import extract
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load

TRACKERS = ("praat", "world", "swift-f0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th utterance")
    options = parser.parse_args()
    files = [u.audio for u in read_manifest(options.manifest)[:: options.every]]
    totals = {
        (pair, corrected): ProsodyErrors()
        for pair in combinations(TRACKERS, 2)
        for corrected in (False, True)
    }
    cost, moved, voiced = ProsodyErrors(), 0, 0
    for file in track(files, "tracking"):
        audio = load(file)
        found: dict[tuple[str, bool], Prosody] = {
            (name, corrected): extract(audio, name, octave_correction=corrected)
            for name in TRACKERS
            for corrected in (False, True)
        }
        for pair, corrected in totals:
            totals[pair, corrected] += prosody_errors(*(found[name, corrected] for name in pair))
        plain, repaired = found["praat", False], found["praat", True]
        cost += prosody_errors(plain, repaired)
        moved += int(np.sum((plain.f0 != repaired.f0) & plain.voiced))
        voiced += int(plain.voiced.sum())
    print(f"{len(files)} clips")
    for pair in combinations(TRACKERS, 2):
        agreement = (100 * (1 - totals[pair, c].scores["gpe"]) for c in (False, True))
        print("{} and {}: {:.3f} % agree, with octave repair {:.3f} %".format(*pair, *agreement))
    print(f"octave repair changes {moved} of Praat's {voiced} voiced frames")
    print(f"and costs {cost.scores['f0_mae']:.2f} cents MAE against plain Praat")


if __name__ == "__main__":
    main()
