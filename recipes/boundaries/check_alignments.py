"""Errors of aligned words against reference times, for English and for English phones of Dutch.

    python recipes/boundaries/check_alignments.py ../shared/data

Dutch is aligned with English phones, like German and Russian, and compared with the alignment of
its corpus; English is compared with TIMIT's hand-annotated words.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from align_words import dictionaries
from rich.progress import track

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.io import find_tier, read_textgrid
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.sound import load
from prosodytok.segmentation import align
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.types.errors import SegmentationError


def compare(utterances: list[Utterance]) -> str:
    """Agreement of aligned word starts and ends with the annotated ones, as one line."""
    pronunciations = dictionaries(utterances)
    totals = {0.02: EdgeCounts(), 0.05: EdgeCounts()}
    distances: list[float] = []
    failed = 0
    for utterance in track(utterances):
        language = (utterance.language or "")[:2]
        tier = find_tier(read_textgrid(utterance.textgrid), utterance.tiers["words"])
        annotated = [e for e in tier.entries if not is_silence(e.label)]
        text, dictionary = utterance.text or "", pronunciations.get(language)
        try:
            aligned = align(load(utterance.audio), text, dictionary).words
        except SegmentationError:
            failed += 1
            continue
        true, found = (
            np.unique([time for word in words for time in word[:2]])
            for words in (annotated, aligned)
        )
        if len(found):
            distances += np.abs(true[:, None] - found).min(axis=1).tolist()
        for tolerance in totals:
            totals[tolerance] += match_edges(true, found, tolerance)
    f1 = ", ".join(f"F1 {c.scores['f1']:.2f} at {1000 * t:.0f} ms" for t, c in totals.items())
    errors = 1000 * np.array(distances)
    near = f"median {np.median(errors):.0f} ms, {np.mean(errors <= 50):.0%} within 50 ms"
    return f"{len(utterances) - failed} utterances, {failed} not aligned: {near}, {f1}"


def main() -> None:
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
