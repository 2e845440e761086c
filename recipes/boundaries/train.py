"""Train the boundary model and choose its priors on dev.

    python recipes/boundaries/train.py .cache/boundaries runs/boundaries [--steps 1400]
    python recipes/boundaries/train.py .cache/boundaries runs/boundaries \
        --export prosodytok/weights/boundaries

The first folder holds `train` and `dev`, as prepare.py wrote them. Dev is the speech of the same
voices and of twelve unseen ones; what is reported in RESULTS.md comes from other corpora.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from prepare import Labels
from rich.progress import track
from torch import Tensor
from torch.nn import functional as F

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.segmentation.boundary_network import (
    EVENTS,
    INPUTS,
    STEP,
    BoundaryConfig,
    BoundaryNetwork,
    boundary_logits,
)
from prosodytok.segmentation.learned import BoundaryModel, Prior, save_boundary_model
from prosodytok.units import FRAME_RATE

#: What a step beside the labelled one is told: 20 ms is less than annotators differ by.
BESIDE = 0.5
#: Weights of the events in the loss.
WEIGHTS = {"word": 1.0, "nucleus": 0.5, "phrase": 1.0}
CROP = 400  # steps
BATCH = 8  # crops
SECONDS = STEP / FRAME_RATE


@dataclass
class Corpus:
    """Prepared speech: features (S, INPUTS) of all utterances in a row, and their labels."""

    features: np.ndarray
    labels: list[Labels]
    starts: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """What prepare.py wrote."""
        features = np.fromfile(folder / "features.f16", dtype=np.float16).reshape(-1, INPUTS)
        labels = [Labels(**x) for x in json.loads((folder / "labels.json").read_text())]
        return cls(features, labels, np.cumsum([0, *[x.steps for x in labels]]))

    def of(self, index: int) -> np.ndarray:
        """Features of one utterance, float32."""
        return self.features[self.starts[index] : self.starts[index + 1]].astype(np.float32)

    def targets(self, index: int) -> np.ndarray:
        """Targets (S, 3) of one utterance; -1 where nothing is known."""
        labels = self.labels[index]
        targets = np.zeros((labels.steps, len(EVENTS)), dtype=np.float32)
        for column, name in enumerate(EVENTS):
            times = getattr(labels, name)
            if times is None:
                targets[:, column] = -1
                continue
            steps = np.rint(np.array(times) / SECONDS - (name == "nucleus") / 2).astype(int)
            for shift, value in ((-1, BESIDE), (1, BESIDE), (0, 1.0)):
                inside = steps[(steps + shift >= 0) & (steps + shift < labels.steps)]
                targets[inside + shift, column] = value
        return targets


def draw(corpus: Corpus, rng: np.random.Generator, chances: np.ndarray) -> tuple[Tensor, Tensor]:
    """A batch of crops, padded with steps of which nothing is known."""
    heard = np.zeros((BATCH, CROP, INPUTS), dtype=np.float32)
    told = np.full((BATCH, CROP, len(EVENTS)), -1, dtype=np.float32)
    for row, index in enumerate(rng.choice(len(corpus.labels), BATCH, p=chances)):
        features, targets = corpus.of(index), corpus.targets(index)
        first = rng.integers(max(0, len(features) - CROP) + 1)
        part = features[first : first + CROP]
        heard[row, : len(part)], told[row, : len(part)] = part, targets[first : first + CROP]
        # A colour of the sound that differs: other microphones, other voices.
        heard[row, : len(part)] += _tilt(rng)
    return torch.from_numpy(heard), torch.from_numpy(told)


def _tilt(rng: np.random.Generator) -> np.ndarray:
    """A smooth change of the spectrum, the same in all frames: (INPUTS,)."""
    bands = np.linspace(-1, 1, INPUTS // STEP - 3)
    a, b, c = rng.normal(0, 0.15, 3)
    frame = np.concatenate([a + b * bands + c * bands**2, np.zeros(3)])
    return np.tile(frame, STEP)


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of what is known, events weighted."""
    known = (targets >= 0).float()
    errors = F.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    each = (errors * known).sum((0, 1)) / known.sum((0, 1)).clamp(min=1)
    return (each * each.new_tensor([WEIGHTS[name] for name in EVENTS])).sum()


def fit(corpus: Corpus, config: BoundaryConfig, steps: int, rate: float) -> BoundaryNetwork:
    """Train a network: AdamW, warm-up, cosine."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = BoundaryNetwork(config)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.05)
    steps_of: Counter[str] = Counter()
    for x in corpus.labels:
        steps_of[x.group] += x.steps
    chances = np.array([x.steps * steps_of[x.group] ** -0.3 for x in corpus.labels])
    network.train()
    losses = []
    for step in track(range(steps)):
        heard, told = draw(corpus, rng, chances / chances.sum())
        loss = loss_of(network(heard), told)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % 250 == 0:
            print(step + 1, round(float(np.mean(losses[-250:])), 4), flush=True)
    return network.eval()


def edges_of(model: BoundaryModel, logits: np.ndarray) -> dict[str, np.ndarray]:
    """Times of the inner edges that a model decodes."""
    hierarchy = model.decode(logits, STEP * len(logits))
    units = {"word": hierarchy.words, "phrase": hierarchy.phrases}
    return {name: x.boundaries[1:-1] / FRAME_RATE for name, x in units.items()}


def scores(
    model: BoundaryModel, corpus: Corpus, logits: list[np.ndarray], name: str, tolerance: float
) -> dict[str, float]:
    """Agreement of one level with what is known of a corpus."""
    total = EdgeCounts()
    for labels, own in zip(corpus.labels, logits, strict=True):
        known = getattr(labels, name)
        if known is not None:
            total += match_edges(known, edges_of(model, own)[name], tolerance)
    return total.scores


def choose_priors(network: BoundaryNetwork, dev: Corpus) -> BoundaryModel:
    """The priors that agree best with dev: R-value of words at 50 ms, F1 of phrases at 100 ms."""
    logits = [boundary_logits(network, dev.of(i)) for i in range(len(dev.labels))]
    word = Prior(gain=0.5, bias=0.0, typical=25, longest=120)
    phrase = Prior(gain=1.0, bias=0.0, typical=250, longest=2000)
    best = (-1.0, word)
    for gain, bias, typical in itertools.product((0.5, 1, 2), (-1, -0.5, 0, 0.5, 1), (20, 30)):
        tried = Prior(gain=gain, bias=bias, typical=typical, longest=120)
        found = scores(BoundaryModel(network, tried, phrase), dev, logits, "word", 0.05)
        value = found["f1"] + found["r_value"]
        best = max(best, (value, tried), key=lambda x: x[0])
    word, best = best[1], (-1.0, phrase)
    for gain, bias, typical in itertools.product((0.5, 1, 2), (-1, 0, 1, 2), (150, 250)):
        tried = Prior(gain=gain, bias=bias, typical=typical, longest=2000)
        found = scores(BoundaryModel(network, word, tried), dev, logits, "phrase", 0.1)
        best = max(best, (found["f1"], tried), key=lambda x: x[0])
    model = BoundaryModel(network, word, best[1])
    for name, tolerance in (("word", 0.02), ("word", 0.05), ("phrase", 0.1)):
        print(name, tolerance, scores(model, dev, logits, name, tolerance))
    for group in sorted({x.group for x in dev.labels}):
        chosen = [i for i, x in enumerate(dev.labels) if x.group == group]
        part = Corpus(dev.features, [dev.labels[i] for i in chosen], dev.starts)
        print(group, scores(model, part, [logits[i] for i in chosen], "word", 0.05))
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=1400)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--export", type=Path, help="also write the model here")
    options = parser.parse_args()
    network = fit(
        Corpus.read(options.prepared / "train"), BoundaryConfig(), options.steps, options.rate
    )
    options.run.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), options.run / "last.pt")
    model = choose_priors(network, Corpus.read(options.prepared / "dev"))
    print(model.word, model.phrase)
    save_boundary_model(model, options.run / "model")
    if options.export:
        save_boundary_model(model, options.export)


if __name__ == "__main__":
    main()
