"""False alarms and hits of `features.two_voices`, on clips, monologues and made dialogues.

    python recipes/benchmarks/two_voices.py ../shared/data

Clips are divided into two halves by their id, dialogues by their number; the limits were chosen on
half 0. Dialogues join clips of two speakers whose median F0 is at least 8 semitones apart, with up
to 0.5 s of silence between clips: one clip each, two each, four each, or three and one.
"""

import sys
from collections import defaultdict
from hashlib import md5
from pathlib import Path

import numpy as np

from prosodytok.features import extract
from prosodytok.features.two_voices import two_voices
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.types.audio import SAMPLE_RATE, Audio
from prosodytok.types.units import hz_to_semitones

MANIFESTS = ("speech/dev", "expressive/expressive", "tobi/tobi")
SHAPES = ("ab", "abab", "abababab", "aaab")
COUNT, LEAST_DISTANCE = 300, 8.0


def join(clips: list[Utterance], rng: np.random.Generator) -> Audio:
    """Join clips of equal peak, with pauses."""
    parts = []
    for clip in clips:
        samples = clip.load().samples
        parts += [0.5 * samples / np.abs(samples).max()]
        parts += [np.zeros(int(SAMPLE_RATE * rng.uniform(0, 0.5)), np.float32)]
    return Audio(np.concatenate(parts), SAMPLE_RATE)


def main(data: Path) -> None:
    """Measure, and print the shares."""
    rng, found = np.random.default_rng(1), defaultdict(list)
    clips, medians = defaultdict(list), {}
    for name in MANIFESTS:
        f0 = defaultdict(list)
        for utterance in read_manifest(data / f"{name}.jsonl"):
            prosody = extract(utterance.load())
            half = int(md5(utterance.id.encode()).hexdigest(), 16) % 2
            found[half, f"clips of {name}"].append(two_voices(prosody) is not None)
            if not name.startswith("tobi"):
                clips[utterance.speaker].append(utterance)
                f0[utterance.speaker].append(prosody.f0[prosody.voiced])
        medians |= {speaker: np.median(np.concatenate(parts)) for speaker, parts in f0.items()}
    pairs = [
        (a, b)
        for a in clips
        for b in clips
        if abs(hz_to_semitones(medians[a], medians[b])) >= LEAST_DISTANCE
    ]
    for number in range(COUNT):
        half = 2 * number // COUNT
        pair = dict(zip("ab", pairs[rng.integers(len(pairs))], strict=True))
        shape = SHAPES[number % len(SHAPES)]
        chosen = [clips[pair[x]][rng.integers(len(clips[pair[x]]))] for x in shape]
        is_two = two_voices(extract(join(chosen, rng))) is not None
        found[half, "dialogues"].append(is_two)
        found[half, f"dialogues {shape}"].append(is_two)
        own = clips[list(clips)[rng.integers(len(clips))]]
        chosen = [own[i] for i in rng.choice(len(own), (2, 4, 8)[number % 3])]
        found[half, "monologues"].append(two_voices(extract(join(chosen, rng))) is not None)
    for (half, name), hits in sorted(found.items()):
        print(f"half {half}  {name:32} {len(hits):4}  {np.mean(hits):.1%} two voices")


main(Path(sys.argv[1]))
