"""How far aligned words lie from words whose times are known, English pronunciations or not.

    python recipes/boundaries/check_labels.py ../shared/data

Dutch is aligned as German and Russian are, with English phones, and compared with the times of its
own source's aligner; English, with TIMIT's hand-marked words.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from label import dictionaries
from rich.progress import track

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.io import find_tier, read_textgrid
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.sound import load
from prosodytok.segmentation import align
from prosodytok.segmentation.textgrid_units import is_silence
from prosodytok.types.errors import SegmentationError


def compare(utterances: list[Utterance]) -> str:
    """Agreement of aligned word beginnings and ends with the marked ones, as a line."""
    spoken = dictionaries(utterances)
    totals = {0.02: EdgeCounts(), 0.05: EdgeCounts()}
    apart: list[float] = []
    failed = 0
    for utterance in track(utterances):
        language = (utterance.language or "")[:2]
        tier = find_tier(read_textgrid(utterance.textgrid), utterance.tiers["words"])
        marked = [e for e in tier.entries if not is_silence(e.label)]
        try:
            words = align(load(utterance.audio), utterance.text or "", spoken.get(language)).words
        except SegmentationError:
            failed += 1
            continue
        known, found = (
            np.unique([time for word in words for time in word[:2]]) for words in (marked, words)
        )
        if len(found):
            apart += np.abs(known[:, None] - found).min(axis=1).tolist()
        for tolerance in totals:
            totals[tolerance] += match_edges(known, found, tolerance)
    f1 = ", ".join(f"F1 {c.scores['f1']:.2f} at {1000 * t:.0f} ms" for t, c in totals.items())
    errors = 1000 * np.array(apart)
    near = f"median {np.median(errors):.0f} ms, {np.mean(errors <= 50):.0%} within 50 ms"
    return f"{len(utterances) - failed} utterances, {failed} not aligned: {near}, {f1}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    speech = read_manifest(data / "speech" / "train.jsonl")
    aligned = read_manifest(data / "aligned" / "aligned.jsonl")
    dutch = [u for u in speech if u.audio.parent.name == "nathalie" and u.textgrid][::5]
    timit = [u for u in aligned if u.audio.parent.name == "timit"]
    print("Dutch, in English phones:", compare(dutch))
    print("English, TIMIT:", compare(timit))


if __name__ == "__main__":
    main()
