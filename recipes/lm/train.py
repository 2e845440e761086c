"""Train the language model, stage by stage.

    python recipes/lm/train.py SPEECH/train.jsonl .cache/lm/train.jsonl runs/lm
    python recipes/lm/train.py ... --stages frame    # train one stage, keep the others
    python recipes/lm/train.py ... --stages          # train none, write the model only

Every twentieth utterance is held out of training for early stopping, so that dev serves evaluation
only. The best weights of each stage are in `runs/lm/STAGE.safetensors`; the whole model is written
to `runs/lm/model` after the last stage.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from prosodytok import ProsodyTokenizer, lm, read_tokens
from prosodytok.io.atomic import atomic_path
from prosodytok.io.manifest import read_manifest
from prosodytok.lm.network import Stage, StageBatch
from prosodytok.lm.prosody_lm import register_to_voice, voice_features
from prosodytok.lm.spelling import collect_alphabet
from prosodytok.lm.stage_sequences import stage_sequence
from prosodytok.types.register import Register

#: Epochs, learning rate and items in a batch, by stage.
PLANS = {"phrase": (10, 1e-3, 1024), "word": (16, 1e-3, 1024), "frame": (16, 1.5e-3, 2048)}
HELD_OUT = 20
WARM_UP = 200  # steps
#: Share of utterances without language, voice or punctuation, so that these are optional.
DROPOUT = 0.1
MARKS = ",.;:!?"


class Corpus:
    """Utterances of one stage, in batches of similar length."""

    def __init__(
        self, name: str, scripts: list[lm.LMUtterance], config: lm.LMConfig, size: int
    ) -> None:
        self.config, self.size = config, size
        self.scripts = scripts
        self.items = [stage_sequence(name, script, config) for script in scripts]
        self.voices = torch.stack([register_to_voice(s.register, config) for s in scripts])

    def batches(
        self, rng: np.random.Generator | None = None
    ) -> Iterator[tuple[StageBatch, Tensor]]:
        """All utterances once; with a generator, in random order and with dropped inputs."""
        lengths = np.array([len(x) for x in self.items])
        noise = rng.uniform(0, 0.1, len(lengths)) if rng else 0
        order = np.argsort(np.log(lengths) + noise)
        ends = np.cumsum(lengths[order]) // self.size
        chunks = np.split(order, np.flatnonzero(np.diff(ends)) + 1)
        for number in rng.permutation(len(chunks)) if rng else range(len(chunks)):
            yield self._batch(chunks[number], rng)

    def _batch(
        self, rows: np.ndarray, rng: np.random.Generator | None
    ) -> tuple[StageBatch, Tensor]:
        words = [self.scripts[i].words for i in rows]
        voices = self.voices[rows]
        if rng is None:
            return self._collate(rows, words, voices)
        dropped = rng.random((3, len(rows))) < DROPOUT
        words = [
            [w.rstrip(MARKS) for w in x] if d else x for x, d in zip(words, dropped[0], strict=True)
        ]
        voices = voices * torch.from_numpy(~dropped[1, :, None])
        inputs, fields = self._collate(rows, words, voices)
        inputs.conditions[torch.from_numpy(dropped[2]), :, 0] = 0
        return inputs, fields

    def _collate(self, rows: np.ndarray, words: list, voices: Tensor) -> tuple[StageBatch, Tensor]:
        return lm.collate_sequences(
            [self.items[i] for i in rows], words, voices, self.config.alphabet
        )


@torch.inference_mode()
def bits_of(stage: Stage, corpus: Corpus) -> tuple[float, np.ndarray]:
    """Bits per token, overall and by field."""
    total, count = torch.zeros(()), torch.zeros(())
    for inputs, fields in corpus.batches():
        total = total + lm.field_bits(stage(inputs, fields), fields).sum((0, 1))
        count = count + (fields >= 0).sum((0, 1))
    return float(total.sum() / count.sum()), (total / count).numpy()


def rate_factor(steps: int, step: int) -> float:
    """Linear warm-up, then cosine decay to a fiftieth."""
    done = min(1.0, step / steps)
    return min(1.0, step / WARM_UP) * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)


def fit(stage: Stage, train: Corpus, held_out: Corpus, epochs: int, rate: float, out: Path) -> None:
    """Train a stage; write the weights with the lowest held-out bits."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(stage.parameters(), lr=rate, weight_decay=0.05)
    steps = epochs * sum(1 for _ in train.batches(np.random.default_rng(1)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, partial(rate_factor, steps))
    best = math.inf
    for epoch in range(epochs):
        stage.train()
        start, total, count = time.monotonic(), 0.0, 0
        for inputs, fields in train.batches(rng):
            bits = lm.field_bits(stage(inputs, fields), fields).sum()
            tokens = int((fields >= 0).sum())
            optimizer.zero_grad()
            (bits / tokens).backward()
            torch.nn.utils.clip_grad_norm_(stage.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + bits.item(), count + tokens
        held_out_bits, by_field = bits_of(stage.eval(), held_out)
        print(
            f"{out.stem} {epoch + 1} train {total / count:.4f} held out {held_out_bits:.4f} "
            f"{by_field.round(3)} {time.monotonic() - start:.0f} s",
            flush=True,
        )
        if held_out_bits < best:
            best = held_out_bits
            with atomic_path(out) as path:
                save_file(stage.state_dict(), path)


def config_of(scripts: list[lm.LMUtterance], tokens: list) -> lm.LMConfig:
    """Config with the letters, languages and voice statistics of the training speech."""
    voices = np.array([voice_features(s.register) for s in scripts])
    registers = [s.register.to_dict() for s in scripts]
    return lm.LMConfig(
        tokenizer=tokens[0].checkpoint,
        codebook_sizes={level.name: level.codebook_sizes for level in tokens[0].levels},
        alphabet=collect_alphabet(word for s in scripts for word in s.words),
        languages=tuple(sorted({s.language for s in scripts})),
        voice_mean=tuple(voices.mean(0).round(4)),
        voice_scale=tuple(voices.std(0).round(4)),
        register_default={
            name: round(float(np.median([r[name] for r in registers])), 2)
            for name in Register().to_dict()
        },
    )


def read_scripts(manifest: Path, tokens: list) -> list[lm.LMUtterance]:
    """Scripts of tokens, with the languages of the manifest and decoded contours."""
    languages = {u.id: u.language or "" for u in read_manifest(manifest)}
    decoded = lm.coarse_contours(ProsodyTokenizer.from_pretrained(tokens[0].checkpoint), tokens)
    return [
        replace(lm.tokens_to_utterance(t, languages[t.id]), contour=contour)
        for t, contour in zip(tokens, decoded, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--stages", nargs="*", default=list(PLANS), choices=list(PLANS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.run.mkdir(parents=True, exist_ok=True)
    tokens = read_tokens(options.tokens)
    scripts = read_scripts(options.manifest, tokens)
    config = config_of(scripts, tokens)
    network = lm.LMNetwork(config)
    for name in options.stages:
        epochs, rate, size = PLANS[name]
        fitted = [s for i, s in enumerate(scripts) if i % HELD_OUT]
        train, held_out = (
            Corpus(name, part, config, size) for part in (fitted, scripts[::HELD_OUT])
        )
        fit(network[name], train, held_out, epochs, rate, options.run / f"{name}.safetensors")
    for name in PLANS:
        network[name].load_state_dict(load_file(options.run / f"{name}.safetensors"))
    lm.save_lm(network, options.run / "model")


if __name__ == "__main__":
    main()
