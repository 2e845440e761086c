"""Transfer of a recording's prosody to hibari's speech through tokens.

    .venv/bin/pip install -c constraints.txt -e '.[dev]' distillmos==0.9.1
    .venv/bin/python recipes/tts_transfer/evaluate.py ../shared/data/speech/dev.jsonl --out runs/say

Ten utterances of as many speakers as possible, each synthesized by hibari with its own prosody and
with the prosody of the recording. Word durations come from PocketSphinx for both sounds. F0 is
compared word by word: Praat's where SwiftF0 agrees within 3 semitones, at hibari's planned words;
also with Praat's F0 alone, and at the words of PocketSphinx. Each text is also synthesized with
tokens of the language model. Writes results.json, results.md, the sounds and figures.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pocketsphinx
import torch
from matplotlib import pyplot as plt

from prosodytok import ProsodyTokenizer, load
from prosodytok.evaluation import bootstrap
from prosodytok.evaluation.markdown import format_interval
from prosodytok.features import extract
from prosodytok.features.ssl.torchaudio_import import import_torchaudio
from prosodytok.io.atomic import write_text
from prosodytok.io.manifest import Utterance, read_manifest
from prosodytok.lm import ProsodyLM
from prosodytok.segmentation.aligner import align
from prosodytok.tts import Amounts, HibariVoice, Reference, say, tokens_by_model, tokens_of_reading
from prosodytok.tts.hibari_voice import HibariPlan
from prosodytok.types.audio import Audio
from prosodytok.types.errors import SegmentationError
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import hz_to_semitones
from prosodytok.viz.figure_file import save_figure

#: Setting with prosody of the language model, not of the recording.
BY_MODEL = "by the language model"
#: Name, levels and amounts of each setting.
SETTINGS = (
    ("hibari's own", None, 0.0),
    ("all levels", None, 1.0),
    ("phrase and word", ["phrase", "word"], 1.0),
    ("phrase alone", ["phrase"], 1.0),
    ("half of all levels", None, 0.5),
    (BY_MODEL, None, 1.0),
)
MEASURES = (
    "duration r",
    "duration error (ms)",
    "F0 r",
    "F0 r, Praat alone",
    "F0 r, words found",
    "F0 range (st)",
    "MOS",
    "aligned",
    "recognised",
)
Scores = Callable[[Audio, str], dict[str, float]]
AGREE = 3.0  # semitones


@dataclass(frozen=True)
class Analysis:
    """Words of a sound, its prosody, and the voiced frames where two trackers agree."""

    words: np.ndarray  # (N, 2) seconds
    prosody: Prosody
    agreed: np.ndarray  # (T,) bool


class PlanRecordingVoice(HibariVoice):
    """hibari, with the planned times of the words of the last plan."""

    def speak(self, plan: HibariPlan) -> Audio:
        """Synthesize a plan, and store its words."""
        edges = plan.words.boundaries / plan.prosody.frame_rate
        self.words = np.stack([edges[plan.spoken], edges[plan.spoken + 1]], axis=1)
        return super().speak(plan)


def analyze(audio: Audio, transcript: str) -> Analysis:
    prosody, second = extract(audio), extract(audio, "swift-f0")
    near = np.abs(hz_to_semitones(prosody.f0, 1.0) - hz_to_semitones(second.f0, 1.0)) < AGREE
    words = np.array([(start, end) for start, end, _ in align(audio, transcript).words])
    return Analysis(words, prosody, prosody.voiced & second.voiced & near)


def f0_pairs(a: Analysis, b: Analysis, *, agreed: bool) -> np.ndarray:
    """F0 (semitones) of both at corresponding times of the same words, where both are voiced."""
    pairs = []
    for word_a, word_b in zip(a.words, b.words, strict=True):
        steps = np.arange(max(2, round(100 * (word_a[1] - word_a[0])))) + 0.5
        f0, voiced = [], []
        for sound, (start, end) in ((a, word_a), (b, word_b)):
            times = start + steps / steps.size * (end - start)
            frames = np.minimum((times * 100).astype(int), sound.prosody.num_frames - 1)
            f0.append(sound.prosody.f0[frames])
            voiced.append((sound.agreed if agreed else sound.prosody.voiced)[frames])
        both = voiced[0] & voiced[1]
        pairs.append(hz_to_semitones(np.stack(f0)[:, both].astype(float), 100.0))
    return np.concatenate(pairs, axis=1)


def compare(reference: Analysis, sound: Analysis, planned: np.ndarray) -> dict[str, float]:
    expected, measured = (np.diff(x.words, axis=1)[:, 0] for x in (reference, sound))
    at_plan = replace(sound, words=planned)
    return {
        "duration r": correlation(np.stack([expected, measured])),
        "duration error (ms)": float(1000 * np.abs(expected - measured).mean()),
        "F0 r": correlation(f0_pairs(reference, at_plan, agreed=True)),
        "F0 r, Praat alone": correlation(f0_pairs(reference, at_plan, agreed=False)),
        "F0 r, words found": correlation(f0_pairs(reference, sound, agreed=True)),
    }


def f0_range(sound: Analysis) -> dict[str, float]:
    """Difference of the 95th and the 5th percentile."""
    low, high = np.percentile(hz_to_semitones(sound.prosody.f0[sound.agreed], 100.0), [5, 95])
    return {"F0 range (st)": float(high - low)}


def correlation(pairs: np.ndarray) -> float:
    return float(np.corrcoef(pairs)[0, 1]) if pairs.shape[1] > 2 else float("nan")


def choose_utterances(manifest: Path, skip: int) -> list[Utterance]:
    """English utterances of at least five words, in rounds of one for each speaker."""
    by_speaker = defaultdict(list)
    for utterance in read_manifest(manifest):
        if utterance.language == "en" and len((utterance.text or "").split()) >= 5:
            by_speaker[utterance.speaker].append(utterance)
    rounds = range(skip, max(map(len, by_speaker.values())))
    return [spoken[i] for i in rounds for spoken in by_speaker.values() if i < len(spoken)]


def normal_case(text: str) -> str:
    """Text without the all-capitals style of some corpora, which hibari may spell out."""
    return text.capitalize() if text.isupper() else text


class Recognizer:
    """PocketSphinx with its own language model: weak, but the same for all sounds."""

    def __init__(self) -> None:
        self.decoder = pocketsphinx.Decoder(loglevel="FATAL")

    def __call__(self, audio: Audio, transcript: str) -> float:
        """Share of the words recognised in order."""
        samples = np.clip(audio.resample(16_000).samples, -1, 1)
        self.decoder.start_utt()
        self.decoder.process_raw((samples * 32767).astype(np.int16).tobytes(), full_utt=True)
        self.decoder.end_utt()
        hypothesis = self.decoder.hyp()
        reference = transcript.lower().split()
        recognised = hypothesis.hypstr.split() if hypothesis else []
        blocks = SequenceMatcher(None, reference, recognised, autojunk=False).get_matching_blocks()
        return sum(block.size for block in blocks) / len(reference)


class Mos:
    """Naturalness predicted by distillmos (Stahl and Gamper 2025)."""

    def __init__(self) -> None:
        import_torchaudio()
        import distillmos

        self.model = distillmos.ConvTransformerSQAModel().eval()

    @torch.no_grad()
    def __call__(self, audio: Audio) -> float:
        """Score from 1 to 5."""
        return float(self.model(torch.from_numpy(audio.resample(16_000).samples)[None]))


def measure(
    utterance: Utterance,
    tokenizer: ProsodyTokenizer,
    model: ProsodyLM,
    voice: PlanRecordingVoice,
    scores: Scores,
    out: Path,
) -> tuple[dict[str, dict[str, float]], dict[str, Analysis]]:
    text, audio = normal_case(utterance.text), load(utterance.audio)
    words = voice.plan(text).transcript
    tokens = tokens_of_reading(tokenizer, audio, words)
    sounds = {"reference": analyze(audio, words)}
    rows = {"reference": scores(audio, words) | f0_range(sounds["reference"]) | {"aligned": 1.0}}
    generated = tokens_by_model(model, text, voice.plan(text), voice.register, top_p=0.9)
    for name, levels, amount in SETTINGS:
        by_model = name == BY_MODEL
        decoder, source = (model.tokenizer, generated) if by_model else (tokenizer, tokens)
        reference = Reference.of(decoder, source, voice.register, levels)
        sound = say(voice, text, reference, amounts=Amounts(amount, amount, amount))
        sound.write(out / f"{utterance.id}-{name.replace(' ', '-')}.wav")
        rows[name] = scores(sound, words) | {"aligned": 0.0}
        try:
            sounds[name] = analyze(sound, words)
        except SegmentationError:
            continue
        rows[name] |= compare(sounds["reference"], sounds[name], voice.words)
        rows[name] |= f0_range(sounds[name]) | {"aligned": 1.0}
    return rows, sounds


def interval(values: np.ndarray) -> str:
    """Mean over utterances with its 95 % percentile bootstrap interval, as text."""
    values = values[np.isfinite(values)]
    if not values.size:
        return "-"
    sums = [[value, 1.0] for value in values]
    x = bootstrap(sums, [None] * len(sums), lambda s: {"mean": s[:, 0] / s[:, 1]})["mean"]
    return format_interval(x, digits=0 if abs(x.value) >= 10 else 2)


def table(results: list[dict[str, dict[str, float]]]) -> str:
    lines = ["| | " + " | ".join(MEASURES) + " |", "| --- " * (len(MEASURES) + 1) + "|"]
    for name in results[0]:
        cells = [
            interval(np.array([result[name].get(measure, np.nan) for result in results]))
            for measure in MEASURES
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    own = np.array([result["hibari's own"]["MOS"] for result in results])
    for name in (n for n in results[0] if n not in ("reference", "hibari's own")):
        difference = interval(np.array([result[name]["MOS"] for result in results]) - own)
        lines.append(f"\nMOS of {name!r} minus hibari's own: {difference}")
    return "\n".join(lines) + "\n"


def draw(path: Path, title: str, sounds: dict[str, Analysis]) -> None:
    """Plot F0 of the reference and of hibari's speech re their medians, from the first word on."""
    names = ("hibari's own", "all levels", "phrase and word")
    figure, panels = plt.subplots(3, 1, figsize=(11, 9), sharex=True, sharey=True)
    for panel, name in zip(panels, names, strict=True):
        for label, colour, marker in (("reference", "0.2", "o"), (name, "tab:red", ".")):
            if label not in sounds:
                continue
            sound = sounds[label]
            f0 = sound.prosody.f0[sound.agreed].astype(float)
            times = sound.prosody.times[sound.agreed] - sound.words[0, 0]
            semitones = hz_to_semitones(f0, float(np.median(f0)))
            panel.plot(times, semitones, marker, color=colour, ms=4, label=label)
            panel.vlines(sound.words[:, 0] - sound.words[0, 0], -9, -7, color=colour)
        panel.set(ylabel="F0 (semitones)", ylim=(-9, 12))
        panel.legend(loc="upper right")
    panels[0].set_title(title)
    panels[-1].set_xlabel("seconds from the first word; ticks: starts of words")
    figure.tight_layout()
    save_figure(figure, path, dpi=80)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--skip", type=int, default=0, help="utterances of each speaker to skip")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer, voice = ProsodyTokenizer.from_pretrained(), PlanRecordingVoice()
    model = ProsodyLM.from_pretrained()
    mos, recognize = Mos(), Recognizer()

    def scores(audio: Audio, words: str) -> dict[str, float]:
        return {"MOS": mos(audio), "recognised": recognize(audio, words)}

    results, failed = {}, []
    for utterance in choose_utterances(options.manifest, options.skip):
        if len(results) == options.count:
            break
        try:
            rows, sounds = measure(utterance, tokenizer, model, voice, scores, options.out)
        except SegmentationError as error:  # the recording does not fit its transcript
            failed.append(f"{utterance.id}: {error}")
            continue
        if len(results) < 3:
            draw(options.out / f"{utterance.id}.png", normal_case(utterance.text), sounds)
        results[utterance.id] = rows
        print(utterance.id, utterance.speaker, json.dumps(rows["all levels"]), flush=True)
    text = table(list(results.values()))
    write_text(options.out / "results.md", text)
    record = {"utterances": results, "not aligned": failed}
    write_text(options.out / "results.json", json.dumps(record, indent=1))
    print(text, "not aligned:", *failed, sep="\n")


if __name__ == "__main__":
    main()
