"""Train the BEST-RQ encoder: predict random-projection codes of masked log-mel frames.

    python recipes/bestrq/train.py recipes/bestrq/base.yaml [--device cpu|cuda]
    python recipes/bestrq/train.py recipes/bestrq/base.yaml --export prosodytok/weights/bestrq

Training can be stopped at any time; the same command resumes from the last checkpoint. The log is
RUN/log.jsonl.

References
----------
C.-C. Chiu et al., "Self-supervised learning with random-projection quantizer for speech
recognition", ICML 2022.
Y. Zhang et al., "Google USM", arXiv:2303.01037, 2023 (several codebooks).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from masked_prediction import BestRQ, Config, perplexities, read_config
from mel_corpus import Corpus
from torch import Tensor, nn

from prosodytok.features.ssl.bestrq import save_encoder
from prosodytok.io.atomic import atomic_path

#: Batches of speech for the scale of the embedding.
SCALE_BATCHES = 20
EMBEDDING_SCALE = ("encoder.center", "encoder.spread")


def schedule(config: Config, step: int, minutes: float) -> float:
    """Factor of the learning rate: linear warm-up, then cosine decay to 0 at the nearer limit."""
    warm = (step + 1) / config.warmup_steps
    done = max(step / config.steps, minutes / config.minutes)
    return min(warm, 0.5 * (1 + float(np.cos(np.pi * min(1.0, done)))))


def fit(config: Config, device: str = "cpu") -> BestRQ:
    """Train, from the last checkpoint if there is one, up to the limit of steps or minutes."""
    corpus = Corpus.prepare(config.manifest, config.cache)
    training, held_out = corpus.split()
    model = BestRQ(config, corpus.sample()).to(device)
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad],
        lr=config.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=config.weight_decay,
    )
    step, minutes = resume(config, model, optimizer)
    generator = torch.Generator().manual_seed(config.seed + step)
    batches = draw(corpus, config, training, config.seed + step)
    start, losses = time.monotonic() - 60 * minutes, []
    while step < config.steps and minutes < config.minutes:
        rate = config.learning_rate * schedule(config, step, minutes)
        losses.append(update(model, optimizer, rate, next(batches).to(device), generator))
        step, minutes = step + 1, (time.monotonic() - start) / 60
        if step % config.save_every == 0 or step == config.steps or minutes >= config.minutes:
            row = {"step": step, "minutes": minutes, "loss": np.mean(losses)}
            record(config, model, optimizer, row | validate(model, corpus, held_out, device))
            losses = []
    return model


def draw(corpus: Corpus, config: Config, numbers: np.ndarray, seed: int) -> Iterator[Tensor]:
    return corpus.batches(numbers, config.batch_seconds, config.crop_seconds, seed)


def update(
    model: BestRQ,
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    mel: Tensor,
    generator: torch.Generator,
) -> float:
    """Take one step; return the loss before it."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    loss, _ = model(mel, generator)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.item())


@torch.no_grad()
def validate(
    model: BestRQ, corpus: Corpus, numbers: np.ndarray, device: str, num_batches: int = 8
) -> dict[str, float]:
    """Loss and accuracy on held-out utterances, and perplexity of the codebooks."""
    generator = torch.Generator().manual_seed(0)
    batches = draw(corpus, model.config, numbers, seed=0)
    mels = [next(batches).to(device) for _ in range(num_batches)]
    losses, hits = zip(*[model(mel, generator) for mel in mels], strict=True)
    codes = torch.cat([model.targets(mel).flatten(0, 1) for mel in mels]).cpu().numpy()
    return {
        "held_out_loss": float(torch.stack(losses).mean()),
        "held_out_accuracy": float(torch.stack(hits).mean()),
        "perplexity": float(np.mean(perplexities(codes))),
    }


def record(config: Config, model: BestRQ, optimizer: torch.optim.Optimizer, row: dict) -> None:
    """Add a line to the log and replace the checkpoint."""
    config.run.mkdir(parents=True, exist_ok=True)
    line = json.dumps({k: round(float(v), 4) for k, v in row.items()})
    print(line, flush=True)
    with (config.run / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"step": row["step"], "minutes": float(row["minutes"])}
    with atomic_path(config.run / "last.pt") as path:
        torch.save(state, path)


def resume(
    config: Config, model: BestRQ, optimizer: torch.optim.Optimizer | None = None
) -> tuple[int, float]:
    """Load the last checkpoint, if any; return its steps and minutes."""
    path = config.run / "last.pt"
    if not path.is_file():
        return 0, 0.0
    state = torch.load(path, map_location="cpu", weights_only=True)
    # The scale of the embedding is set on export, where its size may differ.
    weights = {k: v for k, v in state["model"].items() if k not in EMBEDDING_SCALE}
    model.load_state_dict(weights, strict=False)
    if optimizer:
        optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state["minutes"])


def export(config: Config, folder: Path) -> int:
    """Write the encoder of the last checkpoint for `load_ssl`; return its number of steps."""
    corpus = Corpus.prepare(config.manifest, config.cache)
    model = BestRQ(config, corpus.sample())
    steps, _ = resume(config, model)
    batches = draw(corpus, config, corpus.split()[0], seed=0)
    model.encoder.standardize([next(batches) for _ in range(SCALE_BATCHES)])
    save_encoder(model.encoder, folder)
    return steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write the encoder; no training")
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    if arguments.export:
        print(f"{arguments.export}: the encoder after {export(config, arguments.export)} steps")
    else:
        fit(config, arguments.device)


if __name__ == "__main__":
    main()
