"""Where words, syllable nuclei and phrases are in the training speech, and what a network hears.

    python recipes/boundaries/prepare.py ../shared/data/speech/train.jsonl .cache/boundaries/train
    python recipes/boundaries/prepare.py ../shared/data/speech/dev.jsonl .cache/boundaries/dev

Words come from a TextGrid where there is one, else from aligning the transcript (English). Nuclei
are the middles of vowels. A phrase begins after a pause of 0.2 s, and after a comma or the like.
What a corpus does not tell (the words of Russian) is left out of its loss. Utterances of which
nothing is known are dropped and counted.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.progress import track

from prosodytok.audio import Audio, load
from prosodytok.errors import ProsodytokError
from prosodytok.features import extract
from prosodytok.manifest import Utterance, read_manifest
from prosodytok.prosody import Prosody
from prosodytok.segmentation import Segmentation, align, find_tier, read_textgrid
from prosodytok.segmentation.boundary_network import boundary_features
from prosodytok.segmentation.phrases import PHRASE_PAUSE
from prosodytok.segmentation.textgrid import SILENCE_LABELS
from prosodytok.segmentation.tiling import tile

#: First letters of vowels, after stress marks: ARPAbet's are capital, IPA's and the others' small.
VOWELS = "AEIOUaeiouyɑɔəɛɪœøʏʌ"  # noqa: RUF001
PUNCTUATION = re.compile(r"[,;:.!?—-]")


@dataclass
class Labels:
    """Times (s) of the events of an utterance; None where they are not known."""

    id: str
    group: str
    steps: int
    word: list[float] | None
    nucleus: list[float] | None
    phrase: list[float] | None


def label(utterance: Utterance, audio: Audio, prosody: Prosody) -> Labels:
    """What is known of an utterance."""
    words, phones = _intervals(utterance, audio)
    edges = phrases = None
    if words:
        units = tile(words, prosody.num_frames)
        edges = (units.boundaries[1:-1] / prosody.frame_rate).tolist()
        phrases = _phrases(units, utterance.text or "", prosody.frame_rate)
    nuclei = [(s + e) / 2 for s, e, phone in phones if phone.lstrip("ˈˌ'")[:1] in tuple(VOWELS)]
    group = utterance.audio.parent.name
    return Labels(utterance.id, group, 0, edges, nuclei or None, phrases)


def _intervals(utterance: Utterance, audio: Audio) -> tuple[list, list]:
    """Words and phones with their times, pauses left out."""
    if utterance.textgrid is None:
        if utterance.language != "en" or not utterance.text:
            return [], []
        alignment = align(audio, utterance.text)
        return list(alignment.words), list(alignment.phones)
    tiers = read_textgrid(utterance.textgrid)
    found = []
    for role in ("words", "phones"):
        name = utterance.tiers.get(role)
        entries = find_tier(tiers, name).entries if name else ()
        found.append([e for e in entries if e.label.strip().lower() not in SILENCE_LABELS])
    return found[0], found[1]


def _phrases(units: Segmentation, text: str, frame_rate: float) -> list[float]:
    """Beginnings of phrases but the first: after pauses, and after punctuation."""
    spoken = [i for i, word in enumerate(units.labels) if word]
    starts = units.boundaries[:-1]
    pauses = {
        after
        for before, after in pairwise(spoken)
        if after - before > 1 and units.durations[before + 1] >= PHRASE_PAUSE
    }
    pieces = re.split(r"\s+", text.strip())
    if len(pieces) == len(spoken):
        marked = zip(pieces, spoken[1:], strict=False)
        pauses |= {after for piece, after in marked if PUNCTUATION.search(piece[-1:])}
    return (starts[sorted(pauses)] / frame_rate).tolist()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    labels: list[Labels] = []
    counts: Counter[str] = Counter()
    with (options.out / "features.f16").open("wb") as features:
        for utterance in track(read_manifest(options.manifest)):
            group = utterance.audio.parent.name
            try:
                audio = load(utterance.audio)
                prosody = extract(audio)
                known = label(utterance, audio, prosody)
            except ProsodytokError as error:
                reason = str(error).partition(": ")[0]
                counts[f"{group}\t{reason}"] += 1
                continue
            if known.word is None and known.nucleus is None:
                counts[f"{group}\tneither words nor phones are known"] += 1
                continue
            heard = boundary_features(audio, prosody)
            known.steps = len(heard)
            features.write(heard.astype(np.float16).tobytes())
            labels.append(known)
            counts[f"{group}\tused"] += 1
    text = json.dumps([asdict(x) for x in labels])
    (options.out / "labels.json").write_text(text, encoding="utf-8")
    report = "".join(f"{key}\t{count}\n" for key, count in sorted(counts.items()))
    (options.out / "counts.tsv").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
