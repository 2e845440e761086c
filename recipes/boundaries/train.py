"""Train the boundary model and select its priors on dev.

    python recipes/boundaries/train.py .cache/boundaries runs/boundaries --steps 5000
    python recipes/boundaries/train.py .cache/boundaries runs/boundaries --steps 2000 --rate 4e-4 \
        --start runs/boundaries/last.safetensors --average --export prosodytok/weights/boundaries

The first folder contains `train` and `dev`, the output of prepare.py. Dev is speech of the training
speakers and of twelve unseen ones; RESULTS.md reports results on other corpora.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.io.atomic import atomic_path
from prosodytok.segmentation.learned.boundary_model import BoundaryModel, save_boundary_model
from prosodytok.segmentation.learned.network import (
    FRAME_INPUTS,
    INPUTS,
    SSL_INPUTS,
    BoundaryConfig,
    BoundaryNetwork,
    boundary_logits,
)
from prosodytok.segmentation.learned.unit_search import EVENTS, STEP, Prior
from prosodytok.types.units import FRAME_RATE

#: Weights of the events in the loss.
WEIGHTS = {"word": 1.0, "nucleus": 0.5, "phrase": 1.0, "pause": 0.5}
CROP = 400  # steps
#: Maximum relative stretch of the bands.
WARP = 0.12
#: Masks of each kind per crop, maximum bands and steps per mask, masked share of the embedding.
MASKS, BANDS, STEPS, EMBEDDING_MASK = 2, 16, 12, 0.15
BATCH = 8  # crops
SECONDS = STEP / FRAME_RATE
#: Group of dev with speakers that do not occur in train.
UNSEEN = "speechocean"
#: Values of the priors, searched one parameter at a time, twice.
WORD_CHOICES = {
    "gain": (0.5, 1.0, 2.0, 3.0, 5.0),
    "bias": (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0),
    "typical": (20, 25, 30, 35),
    "pause": (0.05, 0.1, 0.2, 0.4, 0.8),
}
PHRASE_CHOICES = {
    "gain": (0.5, 1.0, 2.0, 4.0),
    "bias": (-1.0, 0.0, 1.0, 2.0, 3.0),
    "typical": (100, 150, 250),
}


@dataclass
class Corpus:
    """Prepared speech: concatenated features (S, INPUTS) and targets (S, EVENTS) of utterances."""

    features: np.ndarray
    targets: np.ndarray
    starts: np.ndarray
    groups: list[str]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """Read the output of prepare.py."""
        features = np.fromfile(folder / "features.f16", dtype=np.float16).reshape(-1, INPUTS)
        arrays = np.load(folder / "targets.npz")
        groups = json.loads((folder / "groups.json").read_text())
        return cls(features, arrays["targets"], np.cumsum([0, *arrays["steps"]]), groups)

    def __len__(self) -> int:
        return len(self.groups)

    def features_of(self, index: int) -> np.ndarray:
        """Features of one utterance, float32."""
        return self.features[self.starts[index] : self.starts[index + 1]].astype(np.float32)

    def event_times(self, index: int, name: str) -> np.ndarray:
        """Times (s) of the events of one utterance with target 1."""
        targets = self.targets[self.starts[index] : self.starts[index + 1], EVENTS.index(name)]
        return np.flatnonzero(targets == 1) * SECONDS


def draw(
    corpus: Corpus, rng: np.random.Generator, probabilities: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Inputs and targets of a batch of crops; the targets of padding are -1 (unknown)."""
    inputs = np.zeros((BATCH, CROP, INPUTS), dtype=np.float32)
    targets = np.full((BATCH, CROP, len(EVENTS)), -1, dtype=np.float32)
    for row, index in enumerate(rng.choice(len(corpus), BATCH, p=probabilities)):
        start, end = corpus.starts[index : index + 2]
        first = start + rng.integers(max(0, end - start - CROP) + 1)
        part = slice(first, min(first + CROP, end))
        length = part.stop - part.start
        # Simulate other microphones and voices.
        augmented = _warp(corpus.features[part].astype(np.float32), rng) + _tilt(rng)
        inputs[row, :length] = _mask(augmented, rng)
        targets[row, :length] = corpus.targets[part]
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def _warp(inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stretch the bands (vocal tract length perturbation, Jaitly & Hinton, 2013)."""
    bands = FRAME_INPUTS - 3
    position = np.clip(np.arange(bands) * rng.uniform(1 - WARP, 1 + WARP), 0, bands - 1)
    low = np.minimum(position.astype(int), bands - 2)
    share = (position - low).astype(np.float32)
    for frame in range(STEP):
        mel = inputs[:, frame * FRAME_INPUTS : frame * FRAME_INPUTS + bands]
        mel[:] = (1 - share) * mel[:, low] + share * mel[:, low + 1]
    return inputs


def _tilt(rng: np.random.Generator) -> np.ndarray:
    """Smooth random change of the spectrum, the same in all frames: (INPUTS,)."""
    bands = np.linspace(-1, 1, FRAME_INPUTS - 3)
    a, b, c = rng.normal(0, 0.15, 3)
    frame = np.concatenate([a + b * bands + c * bands**2, np.zeros(3)])
    return np.concatenate([np.tile(frame, STEP), np.zeros(SSL_INPUTS)]).astype(np.float32)


def _mask(inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mask bands, time steps and parts of the embedding (SpecAugment, Park et al., 2019)."""
    for _ in range(MASKS):
        first, width = rng.integers(FRAME_INPUTS - 3), rng.integers(BANDS + 1)
        for frame in range(STEP):
            start = frame * FRAME_INPUTS + first
            inputs[:, start : min(start + width, frame * FRAME_INPUTS + FRAME_INPUTS - 3)] = 0
        start, length = rng.integers(len(inputs)), rng.integers(STEPS + 1)
        inputs[start : start + length] = 0
    inputs[:, -SSL_INPUTS:] *= rng.random(SSL_INPUTS) > EMBEDDING_MASK
    return inputs


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Weighted cross-entropy over the known targets."""
    known = (targets >= 0).float()
    errors = F.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    each = (errors * known).sum((0, 1)) / known.sum((0, 1)).clamp(min=1)
    return (each * each.new_tensor([WEIGHTS[name] for name in EVENTS])).sum()


@torch.inference_mode()
def dev_loss(network: BoundaryNetwork, dev: Corpus) -> float:
    """Mean loss on every fourth utterance, weighted by length."""
    losses, steps = [], []
    for index in range(0, len(dev), 4):
        inputs = torch.from_numpy(dev.features_of(index))[None]
        targets = torch.from_numpy(dev.targets[dev.starts[index] : dev.starts[index + 1]])[None]
        losses.append(loss_of(network(inputs), targets).item())
        steps.append(inputs.shape[1])
    return float(np.average(losses, weights=steps))


def fit(
    network: BoundaryNetwork, train: Corpus, dev: Corpus, steps: int, rate: float
) -> BoundaryNetwork:
    """Train a network with AdamW, linear warm-up and cosine decay."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.05)
    lengths = np.diff(train.starts)
    total = Counter()
    for group, length in zip(train.groups, lengths, strict=True):
        total[group] += int(length)
    probabilities = lengths * np.array([total[group] ** -0.3 for group in train.groups])
    losses = []
    for step in track(range(steps)):
        network.train()
        inputs, targets = draw(train, rng, probabilities / probabilities.sum())
        loss = loss_of(network(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % 500 == 0:
            on_dev = dev_loss(network.eval(), dev)
            print(step + 1, f"train {np.mean(losses[-500:]):.4f} dev {on_dev:.4f}", flush=True)
    return network.eval()


def scores(
    model: BoundaryModel, corpus: Corpus, logits: list[np.ndarray], name: str, tolerance: float
) -> dict[str, dict[str, float]]:
    """Boundary scores of one level for each group of a corpus."""
    total: dict[str, EdgeCounts] = {}
    for index, (group, rows) in enumerate(zip(corpus.groups, logits, strict=True)):
        hierarchy = model.decode(rows, STEP * len(rows))
        units = hierarchy.words if name == "word" else hierarchy.phrases
        predicted = units.boundaries[1:-1] / FRAME_RATE
        counts = match_edges(corpus.event_times(index, name), predicted, tolerance)
        total[group] = total.get(group, EdgeCounts()) + counts
    return {group: counts.scores for group, counts in total.items()}


def search_prior(
    prior: Prior, choices: dict[str, tuple], score: Callable[[Prior], float], rounds: int = 2
) -> Prior:
    """Maximise a score by coordinate search over the choices."""
    for name, values in itertools.chain(*[choices.items()] * rounds):
        prior = max((prior.model_copy(update={name: value}) for value in values), key=score)
    return prior


def select_priors(network: BoundaryNetwork, dev: Corpus) -> BoundaryModel:
    """Select the priors with the best scores on dev.

    Words: F1 + R-value at 50 ms; phrases: F1 at 100 ms. Unseen speakers weigh as much as all others
    together, because users bring unseen speakers.
    """
    logits = [boundary_logits(network, dev.features_of(i)) for i in range(len(dev))]
    word = Prior(gain=2.0, bias=1.0, typical=20, longest=120, pause=0.1)
    phrase = Prior(gain=2.0, bias=1.0, typical=150, longest=2000)

    def mean(model: BoundaryModel, name: str, tolerance: float, *measures: str) -> float:
        results = scores(model, dev, logits, name, tolerance)
        sums = {group: sum(x[measure] for measure in measures) for group, x in results.items()}
        return sums.pop(UNSEEN) + float(np.mean(list(sums.values())))

    word = search_prior(
        word,
        WORD_CHOICES,
        lambda x: mean(BoundaryModel(network, x, phrase), "word", 0.05, "f1", "r_value"),
    )
    phrase = search_prior(
        phrase, PHRASE_CHOICES, lambda x: mean(BoundaryModel(network, word, x), "phrase", 0.1, "f1")
    )
    model = BoundaryModel(network, word, phrase)
    for name, tolerance in (("word", 0.02), ("word", 0.05), ("phrase", 0.1)):
        for group, result in scores(model, dev, logits, name, tolerance).items():
            print(name, tolerance, group, {k: round(v, 3) for k, v in result.items()})
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--expansion", type=int, default=3)
    parser.add_argument("--start", type=Path, help="initial weights (last.safetensors of a run)")
    parser.add_argument(
        "--average", action="store_true", help="average the initial and the new weights"
    )
    parser.add_argument(
        "--without-ssl", action="store_true", help="ablation: no self-supervised features"
    )
    parser.add_argument("--export", type=Path, help="also write the model here")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, dev = (Corpus.read(options.prepared / part) for part in ("train", "dev"))
    if options.without_ssl:
        for corpus in (train, dev):
            corpus.features[:, -SSL_INPUTS:] = 0
    torch.manual_seed(0)
    network = BoundaryNetwork(BoundaryConfig(expansion=options.expansion))
    start = load_file(options.start) if options.start else {}
    if start:
        network.load_state_dict(start)
    fit(network, train, dev, options.steps, options.rate)
    if options.average:
        mean = {name: (new + start[name]) / 2 for name, new in network.state_dict().items()}
        network.load_state_dict(mean)
    with atomic_path(options.run / "last.safetensors") as path:
        save_file(network.state_dict(), path)
    model = select_priors(network, dev)
    print(model.word, model.phrase)
    save_boundary_model(model, options.run / "model")
    if options.export:
        save_boundary_model(model, options.export)


if __name__ == "__main__":
    main()
