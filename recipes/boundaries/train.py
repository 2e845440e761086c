"""Train the boundary model and choose its priors on dev.

    python recipes/boundaries/train.py .cache/boundaries runs/boundaries --steps 5000
    python recipes/boundaries/train.py .cache/boundaries runs/boundaries --steps 2000 --rate 4e-4 \
        --start runs/boundaries/last.safetensors --average --export prosodytok/weights/boundaries

The first folder holds `train` and `dev`, as prepare.py wrote them. Dev is the speech of the same
voices and of twelve unseen ones; what is reported in RESULTS.md comes from other corpora.
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
from prosodytok.segmentation.learned.model import BoundaryModel, save_boundary_model
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
#: How much bands are stretched.
WARP = 0.12
#: Masks of each kind on a crop, the most bands and steps that one hides, and the share of the
#: embedding that is hidden.
MASKS, BANDS, STEPS, HIDDEN = 2, 16, 12, 0.15
BATCH = 8  # crops
SECONDS = STEP / FRAME_RATE
#: The group of dev whose speakers are in no other part.
UNHEARD = "speechocean"
#: What the priors are chosen from, one after another, twice over.
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
    """Prepared speech: features (S, INPUTS) and targets (S, EVENTS) of all utterances in a row."""

    features: np.ndarray
    targets: np.ndarray
    starts: np.ndarray
    groups: list[str]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """What prepare.py wrote."""
        features = np.fromfile(folder / "features.f16", dtype=np.float16).reshape(-1, INPUTS)
        told = np.load(folder / "targets.npz")
        groups = json.loads((folder / "groups.json").read_text())
        return cls(features, told["targets"], np.cumsum([0, *told["steps"]]), groups)

    def __len__(self) -> int:
        return len(self.groups)

    def of(self, index: int) -> np.ndarray:
        """Features of one utterance, float32."""
        return self.features[self.starts[index] : self.starts[index + 1]].astype(np.float32)

    def known(self, index: int, name: str) -> np.ndarray:
        """Times (s) of the surely marked events of one utterance."""
        told = self.targets[self.starts[index] : self.starts[index + 1], EVENTS.index(name)]
        return np.flatnonzero(told == 1) * SECONDS


def draw(corpus: Corpus, rng: np.random.Generator, chances: np.ndarray) -> tuple[Tensor, Tensor]:
    """A batch of crops, padded with steps of which nothing is known."""
    heard = np.zeros((BATCH, CROP, INPUTS), dtype=np.float32)
    told = np.full((BATCH, CROP, len(EVENTS)), -1, dtype=np.float32)
    for row, index in enumerate(rng.choice(len(corpus), BATCH, p=chances)):
        start, end = corpus.starts[index : index + 2]
        first = start + rng.integers(max(0, end - start - CROP) + 1)
        part = slice(first, min(first + CROP, end))
        length = part.stop - part.start
        # A colour of the sound that differs: other microphones, other voices.
        own = _warped(corpus.features[part].astype(np.float32), rng) + _tilt(rng)
        heard[row, :length] = _masked(own, rng)
        told[row, :length] = corpus.targets[part]
    return torch.from_numpy(heard), torch.from_numpy(told)


def _warped(heard: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bands stretched, as by another vocal tract (VTLP, Jaitly & Hinton, 2013)."""
    bands = FRAME_INPUTS - 3
    place = np.clip(np.arange(bands) * rng.uniform(1 - WARP, 1 + WARP), 0, bands - 1)
    low = np.minimum(place.astype(int), bands - 2)
    share = (place - low).astype(np.float32)
    for frame in range(STEP):
        mel = heard[:, frame * FRAME_INPUTS : frame * FRAME_INPUTS + bands]
        mel[:] = (1 - share) * mel[:, low] + share * mel[:, low + 1]
    return heard


def _tilt(rng: np.random.Generator) -> np.ndarray:
    """A smooth change of the spectrum, the same in all frames: (INPUTS,)."""
    bands = np.linspace(-1, 1, FRAME_INPUTS - 3)
    a, b, c = rng.normal(0, 0.15, 3)
    frame = np.concatenate([a + b * bands + c * bands**2, np.zeros(3)])
    return np.concatenate([np.tile(frame, STEP), np.zeros(SSL_INPUTS)]).astype(np.float32)


def _masked(heard: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hide bands, stretches of time and parts of the embedding (SpecAugment, Park et al., 2019)."""
    for _ in range(MASKS):
        first, width = rng.integers(FRAME_INPUTS - 3), rng.integers(BANDS + 1)
        for frame in range(STEP):
            start = frame * FRAME_INPUTS + first
            heard[:, start : min(start + width, frame * FRAME_INPUTS + FRAME_INPUTS - 3)] = 0
        start, length = rng.integers(len(heard)), rng.integers(STEPS + 1)
        heard[start : start + length] = 0
    heard[:, -SSL_INPUTS:] *= rng.random(SSL_INPUTS) > HIDDEN
    return heard


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of what is known, events weighted."""
    known = (targets >= 0).float()
    errors = F.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    each = (errors * known).sum((0, 1)) / known.sum((0, 1)).clamp(min=1)
    return (each * each.new_tensor([WEIGHTS[name] for name in EVENTS])).sum()


@torch.inference_mode()
def dev_loss(network: BoundaryNetwork, dev: Corpus) -> float:
    """The loss on every fourth utterance, each counting as its length."""
    losses, steps = [], []
    for index in range(0, len(dev), 4):
        heard = torch.from_numpy(dev.of(index))[None]
        told = torch.from_numpy(dev.targets[dev.starts[index] : dev.starts[index + 1]])[None]
        losses.append(loss_of(network(heard), told).item())
        steps.append(heard.shape[1])
    return float(np.average(losses, weights=steps))


def fit(
    network: BoundaryNetwork, train: Corpus, dev: Corpus, steps: int, rate: float
) -> BoundaryNetwork:
    """Train a network: AdamW, warm-up, cosine."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.05)
    lengths = np.diff(train.starts)
    total = Counter()
    for group, length in zip(train.groups, lengths, strict=True):
        total[group] += int(length)
    chances = lengths * np.array([total[group] ** -0.3 for group in train.groups])
    losses = []
    for step in track(range(steps)):
        network.train()
        heard, told = draw(train, rng, chances / chances.sum())
        loss = loss_of(network(heard), told)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % 500 == 0:
            known = dev_loss(network.eval(), dev)
            print(step + 1, f"train {np.mean(losses[-500:]):.4f} dev {known:.4f}", flush=True)
    return network.eval()


def scores(
    model: BoundaryModel, corpus: Corpus, logits: list[np.ndarray], name: str, tolerance: float
) -> dict[str, dict[str, float]]:
    """Agreement of one level with what is known of each group of a corpus."""
    total: dict[str, EdgeCounts] = {}
    for index, (group, own) in enumerate(zip(corpus.groups, logits, strict=True)):
        hierarchy = model.decode(own, STEP * len(own))
        units = hierarchy.words if name == "word" else hierarchy.phrases
        found = units.boundaries[1:-1] / FRAME_RATE
        counts = match_edges(corpus.known(index, name), found, tolerance)
        total[group] = total.get(group, EdgeCounts()) + counts
    return {group: counts.scores for group, counts in total.items()}


def choose(
    prior: Prior, choices: dict[str, tuple], worth: Callable[[Prior], float], rounds: int = 2
) -> Prior:
    """The best of the choices, found one parameter at a time."""
    for name, values in itertools.chain(*[choices.items()] * rounds):
        prior = max((prior.model_copy(update={name: value}) for value in values), key=worth)
    return prior


def choose_priors(network: BoundaryNetwork, dev: Corpus) -> BoundaryModel:
    """The priors that agree best with dev.

    Words: F1 + R-value at 50 ms; phrases: F1 at 100 ms. Voices that were never heard count as much
    as all the others, since they are what people bring.
    """
    logits = [boundary_logits(network, dev.of(i)) for i in range(len(dev))]
    word = Prior(gain=2.0, bias=1.0, typical=20, longest=120, pause=0.1)
    phrase = Prior(gain=2.0, bias=1.0, typical=150, longest=2000)

    def mean(model: BoundaryModel, name: str, tolerance: float, *measures: str) -> float:
        found = scores(model, dev, logits, name, tolerance)
        worth = {group: sum(x[measure] for measure in measures) for group, x in found.items()}
        return worth.pop(UNHEARD) + float(np.mean(list(worth.values())))

    word = choose(
        word,
        WORD_CHOICES,
        lambda x: mean(BoundaryModel(network, x, phrase), "word", 0.05, "f1", "r_value"),
    )
    phrase = choose(
        phrase, PHRASE_CHOICES, lambda x: mean(BoundaryModel(network, word, x), "phrase", 0.1, "f1")
    )
    model = BoundaryModel(network, word, phrase)
    for name, tolerance in (("word", 0.02), ("word", 0.05), ("phrase", 0.1)):
        for group, found in scores(model, dev, logits, name, tolerance).items():
            print(name, tolerance, group, {k: round(v, 3) for k, v in found.items()})
    return model


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--expansion", type=int, default=3)
    parser.add_argument(
        "--start", type=Path, help="weights of a run (last.safetensors) to go on from"
    )
    parser.add_argument(
        "--average", action="store_true", help="keep the mean of these and of the new weights"
    )
    parser.add_argument("--without-ssl", action="store_true", help="for the ablation")
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
        mean = {name: (own + start[name]) / 2 for name, own in network.state_dict().items()}
        network.load_state_dict(mean)
    options.run.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), options.run / "last.safetensors")
    model = choose_priors(network, dev)
    print(model.word, model.phrase)
    save_boundary_model(model, options.run / "model")
    if options.export:
        save_boundary_model(model, options.export)


if __name__ == "__main__":
    main()
