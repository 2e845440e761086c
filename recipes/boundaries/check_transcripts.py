"""How often transcripts that fit are doubted, and transcripts that do not fit are accepted.

    python recipes/boundaries/check_transcripts.py ../shared/data --half 1

Every recording is aligned with its own transcript, in noise and over a telephone too, and with
transcripts that do not fit: of another sentence, another language, halves and doubles. The limits
of `transcript_units` come from half 0 of the recordings.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
from rich.progress import track

from prosodytok.features import extract
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.segmentation.transcript_units import hierarchy_from_transcript
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError

#: Recordings per corpus.
COUNT = 200
#: Level above which files of TIMIT are damaged (RMS).
DAMAGED = 0.1

Change = Callable[[Audio], Audio]


def noisy(snr: float) -> Change:
    """White noise at a signal-to-noise ratio (dB)."""

    def change(audio: Audio) -> Audio:
        noise = np.random.default_rng(0).standard_normal(audio.samples.size)
        scale = np.sqrt(np.mean(audio.samples**2)) * 10 ** (-snr / 20)
        return Audio((audio.samples + scale * noise).clip(-1, 1), audio.sample_rate)

    return change


def telephone(audio: Audio) -> Audio:
    """300 to 3400 Hz at 8 kHz."""
    spectrum = np.fft.rfft(audio.samples)
    hz = np.fft.rfftfreq(audio.samples.size, 1 / audio.sample_rate)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return Audio(np.fft.irfft(spectrum, audio.samples.size), audio.sample_rate).resample(8000)


def outcome(audio: Audio, text: str) -> str:
    """How a transcript is received: "fits", "warning", "error", or "no path" by the aligner."""
    prosody = extract(audio)
    try:
        found = hierarchy_from_transcript(audio, text, prosody.num_frames, prosody)
    except SegmentationError as error:
        return "error" if "Is it of another" in str(error) else "no path"
    return "warning" if found.warnings else "fits"


def trials(
    corpora: dict[str, list[Utterance]], name: str
) -> list[tuple[str, Utterance, str, Change | None]]:
    """Kind, recording, transcript and change of the sound of each trial on a corpus."""
    rng, found = random.Random(0), []
    own = corpora[name]
    for index, utterance in enumerate(own):
        text = utterance.text or ""
        found.append(("its own", utterance, text, None))
        if utterance.language not in (None, "en"):
            continue
        words = text.split()
        for title, change in {
            "its own, noise at 20 dB": noisy(20),
            "its own, noise at 10 dB": noisy(10),
            "its own, telephone": telephone,
        }.items():
            found.append((title, utterance, text, change))
        others = [other.text or "" for other in own if other.text != text]
        found.append(("another sentence", utterance, rng.choice(others), None))
        for language in ("kerstin", "nathalie"):
            other = corpora[language][index % len(corpora[language])]
            found.append(
                (f"another language ({other.language})", utterance, other.text or "", None)
            )
        if len(words) > 3:
            half, word = len(words) // 2, rng.randrange(len(words))
            found.append(("first half", utterance, " ".join(words[:half]), None))
            shorter = " ".join(words[:word] + words[word + 1 :])
            found.append(("a word missing", utterance, shorter, None))
        found.append(("twice", utterance, f"{text} {text}", None))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--count", type=int, default=COUNT)
    arguments = parser.parse_args()
    corpora: dict[str, list[Utterance]] = defaultdict(list)
    for manifest in ("speech/train.jsonl", "speech/dev.jsonl", "aligned/aligned.jsonl"):
        for utterance in read_manifest(arguments.data / manifest):
            if crc32(utterance.id.encode()) % 2 == arguments.half:
                corpora[utterance.audio.parent.name].append(utterance)
    for corpus in corpora.values():
        random.Random(0).shuffle(corpus)
        del corpus[arguments.count :]
    print("| recordings | transcript | n | no path | error | warning | fits |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in ("kathleen", "speechocean", "timit", "kerstin", "nathalie", "flemishguy"):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for kind, utterance, text, change in track(trials(corpora, name), name):
            audio = utterance.load()
            if np.sqrt(np.mean(audio.samples**2)) < DAMAGED or name != "timit":
                counts[kind][outcome(change(audio) if change else audio, text)] += 1
        for kind, found in counts.items():
            shares = [found[key] / found.total() for key in ("no path", "error", "warning", "fits")]
            cells = " | ".join(f"{share:.1%}" for share in shares)
            print(f"| {name} | {kind} | {found.total()} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
