"""F0 of tokens sampled from the language model: distribution, variation, and a figure.

    python recipes/lm/compare_samples.py SPEECH .cache/lm/dev.jsonl runs/lm/model \
        runs/lm/samples.png

The text of each dev utterance is sampled several times in its speaker's register and decoded. Mean
F0 (semitones re the register's median) and duration of words are compared between samples, and the
pooled F0 with that of the decoded dev tokens.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from train import read_scripts

from prosodytok import ProsodyTokenizer, read_tokens
from prosodytok.lm import LMUtterance, ProsodyLM, split_text
from prosodytok.types import ProsodyTokens
from prosodytok.types.prosody import Prosody
from prosodytok.types.units import FRAME_RATE, hz_to_semitones
from prosodytok.viz.figure_file import save_figure

#: Sampling settings; None for the tokens of dev.
SETTINGS = {
    "dev": None,
    "unmodified": {},
    "top_p 0.9": {"top_p": 0.9},
    "greedy": {"temperature": 0.0},
}
SAMPLES, EVERY = 3, 8
SENTENCES = (
    "She opened the door, looked around, and said nothing at all.",
    "Do you really think that they will come back before the end of the year?",
)


def voiced_f0(prosody: Prosody, tokens: ProsodyTokens) -> np.ndarray:
    """F0 of voiced frames in semitones re the register's median."""
    return hz_to_semitones(prosody.f0[prosody.voiced], tokens.register.f0_median_hz)


def word_features(prosody: Prosody, tokens: ProsodyTokens) -> np.ndarray:
    """Mean F0 (semitones) and duration (s) of each word without pauses: (W, 2)."""
    f0 = hz_to_semitones(prosody.f0, tokens.register.f0_median_hz)
    units = tokens["word"].segmentation
    rows = [
        (f0[a:b].mean(), (b - a) / FRAME_RATE)
        for a, b, label in zip(units.boundaries, units.boundaries[1:], units.labels, strict=False)
        if label
    ]
    return np.array(rows)


def describe(name: str, groups: list[list[ProsodyTokens]], tokenizer: ProsodyTokenizer) -> str:
    """Row of the table; a group contains the samples of one text."""
    pooled, ranges, contours, spreads, pauses, voiced = [], [], [], [], [], []
    for group in groups:
        features = []
        for tokens, prosody in zip(group, tokenizer.decode_batch(group), strict=True):
            f0 = voiced_f0(prosody, tokens)
            pooled.append(f0)
            ranges.append(np.subtract(*np.percentile(f0, [95, 5])))
            features.append(word_features(prosody, tokens))
            labels = tokens["word"].segmentation.labels
            pauses.append(labels.count("") / len(labels))
            voiced.append(prosody.voiced.mean())
        for a, b in combinations(features, 2):
            contours.append(np.sqrt(np.mean((a - b)[:, 0] ** 2)))
            spreads.append(np.abs(np.log2(a[:, 1] / b[:, 1])).mean())
    f0 = np.concatenate(pooled)
    percentiles = np.percentile(f0, [0.5, 5, 25, 50, 75, 95, 99.5])
    between = f"{np.mean(contours):.2f} | {np.mean(spreads):.2f}" if contours else "|"
    return (
        f"| {name} | {' | '.join(f'{x:.1f}' for x in percentiles)} | {f0.std():.2f} | "
        f"{np.mean(ranges):.1f} | {np.mean(voiced):.2f} | {np.mean(pauses):.2f} | {between} |"
    )


def outside(groups: list[list[ProsodyTokens]], tokenizer: ProsodyTokenizer, limits: tuple) -> str:
    """Share of the voiced F0 outside the limits, as text."""
    f0 = np.concatenate(
        [voiced_f0(p, t) for g in groups for p, t in zip(tokenizer.decode_batch(g), g, strict=True)]
    )
    return f"{100 * np.mean((f0 < limits[0]) | (f0 > limits[1])):.2f} %"


def sample(lm: ProsodyLM, script: LMUtterance, **settings: float) -> list[ProsodyTokens]:
    """Samples of one text."""
    options = {"language": script.language, "register": script.register} | settings
    return [lm.generate(script.words, seed=seed, **options) for seed in range(SAMPLES)]


def draw(lm: ProsodyLM, tokenizer: ProsodyTokenizer, path: Path) -> None:
    """Plot the samples of each sentence in a column."""
    figure, axes = plt.subplots(
        SAMPLES, len(SENTENCES), figsize=(13, 7), sharey=True, sharex="col", layout="constrained"
    )
    for column, sentence in enumerate(SENTENCES):
        for seed, axis in enumerate(axes[:, column]):
            tokens = lm.generate(split_text(sentence), seed=seed, top_p=0.9)
            prosody = tokenizer.decode(tokens)
            time = (np.arange(len(prosody.f0)) + 0.5) / FRAME_RATE
            axis.plot(time, np.where(prosody.voiced, prosody.f0, np.nan), lw=1.6)
            coarse = tokenizer.decode(tokens, ("phrase", "word")).f0
            axis.plot(time, coarse, lw=0.7, color="0.6")
            edges = tokens["word"].segmentation.boundaries / FRAME_RATE
            for edge, label in zip(edges, tokens["word"].segmentation.labels, strict=False):
                axis.axvline(edge, color="0.85", lw=0.6, zorder=0)
                axis.text(edge + 0.01, 300, label, fontsize=7, rotation=60, va="bottom")
            for edge in tokens["phrase"].segmentation.boundaries / FRAME_RATE:
                axis.axvline(edge, color="0.4", lw=1, zorder=0)
            axis.set(yscale="log", ylim=(90, 400), ylabel="F0 (Hz)", title=f"seed {seed}")
            axis.set_yticks([100, 150, 200, 300], ["100", "150", "200", "300"])
        axes[-1, column].set_xlabel("time (s)")
    save_figure(figure, path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("figure", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    lm = ProsodyLM.from_pretrained(options.model)
    tokenizer = lm.tokenizer
    draw(lm, tokenizer, options.figure)
    dev = read_tokens(options.dev)[::EVERY]
    scripts = read_scripts(options.speech / "dev.jsonl", dev)
    real = [[tokens] for tokens in dev]
    f0 = np.concatenate([voiced_f0(tokenizer.decode(t), t) for t in dev])
    limits = tuple(np.percentile(f0, [0.5, 99.5]))
    for name, settings in SETTINGS.items():
        groups = real if settings is None else [sample(lm, s, **settings) for s in scripts]
        print(describe(name, groups, tokenizer), outside(groups, tokenizer, limits), flush=True)


if __name__ == "__main__":
    main()
