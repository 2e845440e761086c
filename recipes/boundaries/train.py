"""Train the boundary model and select its priors on dev.

    python recipes/boundaries/train.py .cache/boundaries runs/boundaries --steps 8000 \
        --export prosodytok/weights/boundaries

The first folder contains `train` and `dev`, the output of prepare.py. Dev is speech of the training
speakers and of twelve unseen ones; RESULTS.md reports results on other corpora.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F
from training_speech import BATCH, Corpus, draw, targets

from prosodytok.evaluation.boundaries import EdgeCounts, match_edges
from prosodytok.io.atomic import atomic_path
from prosodytok.segmentation.learned.boundary_model import BoundaryModel, save_boundary_model
from prosodytok.segmentation.learned.inputs import silence
from prosodytok.segmentation.learned.network import BoundaryConfig, BoundaryNetwork
from prosodytok.segmentation.learned.unit_search import EVENTS, Prior
from prosodytok.types.units import FRAME_RATE

#: Weights of the events in the loss, and of the agreement of a changed copy with the clean one.
WEIGHTS = {"word": 1.0, "nucleus": 0.5, "phrase": 1.0, "pause": 0.5}
AGREEMENT = 1.0
#: Decay of the mean of the weights over steps.
DECAY = 0.998
#: Group of dev with speakers that do not occur in train.
UNSEEN = "speechocean"
#: Values of the priors, searched one parameter at a time, twice.
WORD_CHOICES = {
    "gain": (0.7, 1.0, 1.5, 2.0, 3.0),
    "bias": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25),
    "typical": (15, 20, 25),
    "pause": (0.05, 0.1, 0.2, 0.4),
}
PHRASE_CHOICES = {
    "gain": (0.5, 1.0, 2.0, 4.0),
    "bias": (-1.0, 0.0, 1.0, 2.0, 3.0),
    "typical": (100, 150, 250),
}


def loss_of(logits: Tensor, marks: Tensor) -> Tensor:
    """Weighted cross-entropy over the known targets."""
    known = (marks >= 0).float()
    errors = F.binary_cross_entropy_with_logits(logits, marks.clamp(min=0), reduction="none")
    each = (errors * known).sum((0, 1)) / known.sum((0, 1)).clamp(min=1)
    return (each * each.new_tensor([WEIGHTS[name] for name in EVENTS])).sum()


def agreement_of(logits: Tensor) -> Tensor:
    """Cross-entropy of the changed copies with the probabilities of the clean ones."""
    clean, changed = logits.split(BATCH // 2)
    return loss_of(changed, clean.detach().sigmoid())


@torch.inference_mode()
def logits_of(network: BoundaryNetwork, corpus: Corpus, index: int, copy: int = 0) -> np.ndarray:
    """Logits (T, 4) of an utterance, with silence around it."""
    inputs, mean = corpus.inputs(index, copy)
    around = silence(mean, network.context)
    rows = torch.from_numpy(np.concatenate([around, inputs, around]))[None]
    return network(rows)[0, network.context : -network.context].numpy()


def dev_loss(network: BoundaryNetwork, dev: Corpus) -> float:
    """Mean loss on every fourth utterance, weighted by length."""
    losses, lengths = [], []
    for index in range(0, len(dev), 4):
        logits = torch.from_numpy(logits_of(network, dev, index))
        marks = torch.from_numpy(targets(dev.events[index], len(logits)))
        losses.append(loss_of(logits[None], marks[None]).item())
        lengths.append(len(logits))
    return float(np.average(losses, weights=lengths))


def fit(
    network: BoundaryNetwork, train: Corpus, dev: Corpus, run: Path, steps: int, rate: float
) -> BoundaryNetwork:
    """Train with AdamW, linear warm-up and cosine decay; return the mean of the last weights."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.05)
    mean = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY)
    )
    probabilities, losses, start = train.probabilities, [], time.monotonic()
    for step in range(1, steps + 1):
        inputs, marks = draw(train, rng, probabilities)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(inputs)
        logits = logits.float()
        loss, agreement = loss_of(logits, marks), agreement_of(logits)
        optimizer.zero_grad()
        (loss + AGREEMENT * agreement).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        mean.update_parameters(network)
        losses.append((loss.item(), agreement.item()))
        if step % 250 == 0:
            on_dev = dev_loss(mean.module.eval(), dev)
            loss, agreement = np.mean(losses[-250:], axis=0)
            line = f"{step} {time.monotonic() - start:.0f} s train {loss:.4f} {agreement:.4f}"
            print(f"{line} dev {on_dev:.4f}", flush=True)
            with atomic_path(run / "last.safetensors") as path:
                save_file(mean.module.state_dict(), path)
    return mean.module.eval()


def scores(
    model: BoundaryModel, corpus: Corpus, logits: list[np.ndarray], name: str, tolerance: float
) -> dict[str, dict[str, float]]:
    """Boundary scores of one level for each group of a corpus."""
    total: dict[str, EdgeCounts] = {}
    for index, (group, rows) in enumerate(zip(corpus.groups, logits, strict=True)):
        counts = match_edges(corpus.edge_times(index, name), edges(model, rows, name), tolerance)
        total[group] = total.get(group, EdgeCounts()) + counts
    return {group: counts.scores for group, counts in total.items()}


def edges(model: BoundaryModel, logits: np.ndarray, name: str) -> np.ndarray:
    """Times (s) of the edges of words or phrases."""
    hierarchy = model.decode(logits)
    units = hierarchy.words if name == "word" else hierarchy.phrases
    return units.boundaries[1:-1] / FRAME_RATE


def search_prior(
    prior: Prior, choices: dict[str, tuple], score: Callable[[Prior], float], rounds: int = 2
) -> Prior:
    """Maximise a score by coordinate search over the choices."""
    for name, values in itertools.chain(*[choices.items()] * rounds):
        prior = max((prior.model_copy(update={name: value}) for value in values), key=score)
    return prior


def select_priors(network: BoundaryNetwork, dev: Corpus) -> BoundaryModel:
    """Select the priors with the best scores on dev.

    Words: F1 + R-value at 50 ms, and `agreement`; phrases: F1 at 100 ms. Unseen speakers weigh as
    much as all others together, because users bring unseen speakers.
    """
    logits = [logits_of(network, dev, i) for i in range(len(dev))]
    copies = [logits_of(network, dev, i, copy=1) for i in range(len(dev))]
    word = Prior(gain=1.5, bias=1.0, typical=20, longest=120, pause=0.1)
    phrase = Prior(gain=2.0, bias=1.0, typical=100, longest=2000)

    def mean(model: BoundaryModel, name: str, tolerance: float, *measures: str) -> float:
        results = scores(model, dev, logits, name, tolerance)
        sums = {group: sum(x[measure] for measure in measures) for group, x in results.items()}
        return sums.pop(UNSEEN) + float(np.mean(list(sums.values())))

    def word_score(prior: Prior) -> float:
        model = BoundaryModel(network, prior, phrase)
        return mean(model, "word", 0.05, "f1", "r_value") + agreement(model, logits, copies)

    word = search_prior(word, WORD_CHOICES, word_score)
    phrase = search_prior(
        phrase, PHRASE_CHOICES, lambda x: mean(BoundaryModel(network, word, x), "phrase", 0.1, "f1")
    )
    model = BoundaryModel(network, word, phrase)
    for name, tolerance in (("word", 0.02), ("word", 0.05), ("phrase", 0.1)):
        for group, result in scores(model, dev, logits, name, tolerance).items():
            print(name, tolerance, group, {k: round(v, 3) for k, v in result.items()})
    print("edges of changed copies, F1 within 20 ms:", round(agreement(model, logits, copies), 3))
    return model


def agreement(model: BoundaryModel, logits: list[np.ndarray], copies: list[np.ndarray]) -> float:
    """F1 of the edges of the changed copies with those of the clean ones, within 20 ms."""
    pairs = zip(logits, copies, strict=True)
    counts = [match_edges(*(edges(model, x, "word") for x in pair), 0.02) for pair in pairs]
    return sum(counts, EdgeCounts()).scores["f1"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--start", type=Path, help="initial weights (last.safetensors of a run)")
    parser.add_argument("--export", type=Path, help="also write the model here")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, dev = (Corpus.read(options.prepared / part) for part in ("train", "dev"))
    torch.manual_seed(0)
    network = BoundaryNetwork(BoundaryConfig(dim=options.dim))
    if options.start:
        network.load_state_dict(load_file(options.start))
    if options.steps:
        network = fit(network, train, dev, options.run, options.steps, options.rate)
    model = select_priors(network.eval(), dev)
    print(model.word, model.phrase)
    save_boundary_model(model, options.run / "model")
    if options.export:
        save_boundary_model(model, options.export)


if __name__ == "__main__":
    main()
