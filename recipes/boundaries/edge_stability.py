"""Agreement of the edges of units in changed copies of recordings with those of the originals.

    python recipes/boundaries/edge_stability.py ../shared/data/speech/dev.jsonl --count 40

For each change: F1 of word edges at the same frame, within 10 and 20 ms, and of phrase edges within
100 ms. Edges closer than half a second to an end of either sound do not count.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.features import extract
from prosodytok.features.sound_changes import CHANGES
from prosodytok.io.manifest import read_manifest
from prosodytok.io.sound import load
from prosodytok.segmentation.learned import load_boundary_model
from prosodytok.segmentation.segment import segment
from prosodytok.types import Audio, Hierarchy, Prosody

#: Distance from the ends (s) in which edges do not count.
MARGIN = 0.5
#: Level and tolerance (s) of each column.
COLUMNS = (("words", 0.001), ("words", 0.01), ("words", 0.02), ("words", 0.05), ("phrases", 0.1))

Segmenter = Callable[[Audio, Prosody], Hierarchy]


def compare(
    audio: Audio, others: list[Audio], segmenter: Segmenter, rng: np.random.Generator
) -> dict[str, list[EdgeCounts]]:
    """Counts of each column for each change of a sound."""
    original = segmenter(audio, extract(audio))
    found = {}
    for name, change in CHANGES.items():
        copy = change(audio, others, rng)
        units = segmenter(copy.audio, extract(copy.audio))
        first = copy.offset + MARGIN
        last = min(copy.offset + copy.audio.duration, audio.duration) - MARGIN
        counts = []
        for level, tolerance in COLUMNS:
            edges = [
                getattr(hierarchy, level).boundaries[1:-1] / 100 + offset
                for hierarchy, offset in ((original, 0.0), (units, copy.offset))
            ]
            inside = [e[(e >= first) & (e <= last)] for e in edges]
            counts.append(match_edges(*inside, tolerance))
        found[name] = counts
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifests", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=40, help="recordings of each manifest")
    parser.add_argument("--model", type=Path, help="boundary model (default: bundled)")
    parser.add_argument("--units", choices=["learned", "acoustic", "even"], default="learned")
    options = parser.parse_args()
    torch.set_num_threads(1)
    segmenter: Segmenter = lambda audio, prosody: segment(audio, prosody, options.units)  # noqa: E731
    if options.model:
        segmenter = load_boundary_model(options.model)
    rng = np.random.default_rng(0)
    for manifest in options.manifests:
        utterances = read_manifest(manifest)
        chosen = np.linspace(0, len(utterances) - 1, min(options.count, len(utterances)), dtype=int)
        sounds = [load(utterances[i].audio) for i in chosen]
        total = {name: [EdgeCounts()] * len(COLUMNS) for name in CHANGES}
        for index, audio in enumerate(sounds):
            others = sounds[:index] + sounds[index + 1 :]
            for name, counts in compare(audio, others, segmenter, rng).items():
                total[name] = [a + b for a, b in zip(total[name], counts, strict=True)]
        print(f"\n{manifest.stem}, {len(sounds)} recordings\n")
        print("| change | same frame | 10 ms | 20 ms | 50 ms | phrases, 100 ms |")
        print("| --- " * 6 + "|")
        for name, counts in total.items():
            print(f"| {name} | " + " | ".join(f"{x.scores['f1']:.2f}" for x in counts) + " |")


if __name__ == "__main__":
    main()
