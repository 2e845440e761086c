"""Train the acoustic model without tokens, with tokens, or with hand-made features.

    python recipes/tts/train.py .cache/tts runs/tts --condition tokens

Takes a few minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from data import batches, collate
from model import AcousticModel
from safetensors.torch import save_file
from sentence_files import read

from prosodytok import ProsodyTokenizer, Register
from prosodytok.io.atomic import atomic_path, write_text

#: Weights of the losses.
WEIGHTS = {"mel": 1.0, "f0": 0.3, "voicing": 0.5, "duration": 0.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="output folder of prepare.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--condition", choices=["none", "tokens", "handmade"], required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    sentences = read(arguments.data, "train")
    register = Register.estimate(*(s.prosody for s in sentences))
    tokens = sentences[0].tokens
    assert tokens is not None
    codebook_sizes = {level.name: level.codebook_sizes for level in tokens.levels}
    model = AcousticModel(arguments.condition, codebook_sizes)
    if arguments.condition == "tokens":
        for conditioner in (model.by_phone, model.by_frame):
            conditioner.warm_start(ProsodyTokenizer.from_pretrained())
    mel = torch.cat([torch.from_numpy(s.mel[::4]).float() for s in sentences])
    model.mel_mean, model.mel_scale = mel.mean(dim=0), mel.std(dim=0)
    optimizer = torch.optim.AdamW(model.parameters(), arguments.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, arguments.rate, arguments.steps, pct_start=0.1
    )
    start, source = time.process_time(), batches(sentences, arguments.batch, arguments.seed)
    for step in range(1, arguments.steps + 1):
        losses = model.losses(collate(next(source), register))
        optimizer.zero_grad()
        sum(WEIGHTS[name] * loss for name, loss in losses.items()).backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            values = " ".join(f"{name} {loss.item():.3f}" for name, loss in losses.items())
            print(f"{step} {values} {time.process_time() - start:.0f} s", flush=True)
    with atomic_path(arguments.out / f"{arguments.condition}.safetensors") as path:
        save_file(model.state_dict(), path)
    settings = {
        "sizes": sum(p.numel() for p in model.parameters()),
        "seconds": time.process_time() - start,
        "register": register.to_dict(),
        "codebook_sizes": codebook_sizes,
    }
    write_text(arguments.out / f"{arguments.condition}.json", json.dumps(settings, indent=1))


if __name__ == "__main__":
    main()
