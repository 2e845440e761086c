r"""Times of words and phones in the speech of a manifest, from TextGrids or forced alignment.

    python recipes/boundaries/align_words.py SPEECH/train.jsonl .cache/boundaries/train.json
    python recipes/boundaries/align_words.py SPEECH/dev.jsonl .cache/boundaries/dev.json \
        --textgrids .cache/boundaries/textgrids
    prosodytok evaluate .cache/boundaries/textgrids/*.jsonl --skip intervention,leakage --out OUT

English transcripts are aligned with the aligner's dictionary, others with pronunciations by eSpeak
NG (``apt-get install espeak-ng``). Utterances that cannot be aligned are dropped and counted. An
hour of speech takes three minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from espeak_pronunciations import VOICES, pronounce
from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.textgrid import Textgrid
from rich.progress import track

from prosodytok.io import find_tier, read_textgrid
from prosodytok.io.atomic import write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.io.sound import load
from prosodytok.segmentation import align
from prosodytok.segmentation.letter_to_sound import split_words
from prosodytok.segmentation.silence_labels import is_silence
from prosodytok.types.errors import ProsodytokError, SegmentationError

#: Start and end (s), and label.
Intervals = list[tuple[float, float, str]]


@dataclass
class Labels:
    """Words and phones of an utterance without pauses; `how` is their origin."""

    id: str
    audio: str
    group: str
    text: str
    how: str
    words: Intervals
    phones: Intervals


def label(utterance: Utterance, pronunciations: Mapping[str, Mapping[str, str]]) -> Labels | str:
    """Labels of an utterance, or the reason why it cannot be aligned."""
    language, text = (utterance.language or "")[:2], utterance.text or ""
    words, phones = _annotated(utterance)
    how = "marked"
    try:
        if not words:
            alignment = align(load(utterance.audio), text, pronunciations.get(language))
            words, how = list(alignment.words), "aligned"
            phones = phones or list(alignment.phones)
    except ProsodytokError as error:
        return str(error).rpartition(": ")[0] or str(error)
    group = utterance.audio.parent.name
    return Labels(utterance.id, str(utterance.audio), group, text, how, words, phones)


def _annotated(utterance: Utterance) -> tuple[Intervals, Intervals]:
    """Words and phones of the utterance's TextGrid; empty without the tier."""
    if utterance.textgrid is None:
        return [], []
    tiers = read_textgrid(utterance.textgrid)
    intervals = []
    for role in ("words", "phones"):
        name = utterance.tiers.get(role)
        entries = find_tier(tiers, name).entries if name else ()
        intervals.append([tuple(entry) for entry in entries if not is_silence(entry.label)])
    return intervals[0], intervals[1]


def dictionaries(utterances: Sequence[Utterance]) -> dict[str, dict[str, str]]:
    """Pronunciations of all words, by language, for languages other than English."""
    words: dict[str, set[str]] = {}
    for utterance in utterances:
        language = (utterance.language or "")[:2]
        if language in VOICES and utterance.text:
            try:
                split = split_words(utterance.text.lower())
            except SegmentationError:
                continue  # `align` raises it again
            words.setdefault(language, set()).update(split)
    return {language: pronounce(vocabulary, language) for language, vocabulary in words.items()}


def write_textgrids(labels: Sequence[Labels], manifest: Sequence[Utterance], out: Path) -> None:
    """Write the words as TextGrids, and a manifest for each group, for `prosodytok evaluate`."""
    out.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {}
    by_id = {utterance.id: utterance for utterance in manifest}
    for x in labels:
        utterance = by_id[x.id]
        grid = Textgrid(0, utterance.duration)
        words = [(s, min(e, utterance.duration), w) for s, e, w in x.words if s < e]
        grid.addTier(IntervalTier("words", words, 0, utterance.duration))
        grid.save(str(out / f"{x.id}.TextGrid"), "long_textgrid", includeBlankSpaces=True)
        line = {
            "audio": str(utterance.audio.resolve()),
            "id": x.id,
            "speaker": utterance.speaker,
            "textgrid": f"{x.id}.TextGrid",
            "tiers": {"words": "words"},
        }
        lines.setdefault(x.group, []).append(json.dumps(line) + "\n")
    for group, group_lines in lines.items():
        write_text(out / f"{group}.jsonl", "".join(group_lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--textgrids", type=Path, help="also write the words as TextGrids here")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    utterances = read_manifest(options.manifest)
    work = partial(label, pronunciations=dictionaries(utterances))
    with ProcessPoolExecutor(options.workers) as pool:
        results = pool.map(work, utterances, chunksize=16)
        results = list(track(results, "labelling", total=len(utterances)))
    labels = [x for x in results if isinstance(x, Labels)]
    write_text(options.out, json.dumps([asdict(x) for x in labels]))
    if options.textgrids:
        write_textgrids(labels, utterances, options.textgrids)
    counts = Counter(
        (u.audio.parent.name, x.how if isinstance(x, Labels) else x)
        for u, x in zip(utterances, results, strict=True)
    )
    for (group, outcome), count in sorted(counts.items()):
        print(group, outcome, count, sep="\t")


if __name__ == "__main__":
    main()
