"""BEST-RQ pre-training: prediction of the codes of masked frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from vector_quantize_pytorch import RandomProjectionQuantizer

from prosodytok.features.mel import NUM_BANDS, STACK, STACKED_RATE
from prosodytok.features.ssl.bestrq_network import BestRQConfig, BestRQNetwork


class Config(BaseModel):
    """Configuration of a run: folder of logs and checkpoints, manifest, folder of log-mel features.

    Targets are random codebooks, and `target_dim` principal components of a stacked frame. Masked
    spans start at a frame with a probability, have a length and noise of a deviation. Training ends
    at the limit of steps or minutes that is reached first; the learning rate decays towards it. A
    batch has `batch_seconds` of speech, in crops of at most `crop_seconds`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: Path
    manifest: Path
    cache: Path
    model: BestRQConfig = BestRQConfig()
    num_codebooks: int = 8
    codebook_size: int = 256
    codebook_dim: int = 16
    target_dim: int = 32
    mask_probability: float = 0.07
    mask_seconds: float = 0.32
    mask_noise: float = 0.1
    steps: int = 5000
    minutes: float = 120.0
    batch_seconds: float = 32.0
    crop_seconds: float = 6.0
    learning_rate: float = 1.5e-3
    warmup_steps: int = 150
    weight_decay: float = 0.01
    save_every: int = 250
    seed: int = 0


def read_config(path: Path) -> Config:
    """Read a YAML file; it may name another as ``base:`` and contain only the differences."""
    values: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("run", "manifest", "cache"):
        if key in values:
            values[key] = (path.parent / values[key]).resolve()
    base = values.pop("base", None)
    if base:
        inherited = read_config(path.parent / base).model_dump()
        values = {**inherited, **values, "model": inherited["model"] | values.get("model", {})}
    return Config.model_validate(values)


class BestRQ(nn.Module):
    """Encoder, fixed targets, and the layer that predicts them."""

    def __init__(self, config: Config, sample: Tensor) -> None:
        super().__init__()
        self.config = config
        torch.manual_seed(config.seed)
        self.quantizer = RandomProjectionQuantizer(
            dim=config.target_dim,
            codebook_size=config.codebook_size,
            codebook_dim=config.codebook_dim,
            num_codebooks=config.num_codebooks,
            norm=False,  # normalisation removes the energy
        ).requires_grad_(False)
        self.register_buffer("mean", sample.mean(dim=0))
        self.register_buffer("components", components(sample - self.mean, config.target_dim))
        self.encoder = BestRQNetwork(config.model)
        self.head = nn.Linear(config.model.dim, config.num_codebooks * config.codebook_size)

    @torch.no_grad()
    def targets(self, mel: Tensor) -> Tensor:
        """Codes (B, S, num_codebooks) of stacked frames."""
        stacked = mel.reshape(len(mel), -1, STACK * NUM_BANDS)
        codes: Tensor = self.quantizer((stacked - self.mean) @ self.components)
        return codes.reshape(*stacked.shape[:2], -1)

    def mask(self, mel: Tensor, generator: torch.Generator) -> Tensor:
        """Mask of the stacked frames to predict, (B, S) bool."""
        span = round(self.config.mask_seconds * STACKED_RATE)
        shape = (len(mel), mel.shape[1] // STACK)
        starts = torch.rand(shape, generator=generator) < self.config.mask_probability
        covered = nn.functional.max_pool1d(
            nn.functional.pad(starts.float()[:, None], (span - 1, 0)), span, stride=1
        )
        return covered[:, 0].bool().to(mel.device)

    def forward(self, mel: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Cross-entropy (nats) and accuracy over masked frames."""
        mask = self.mask(mel, generator)
        noise = torch.randn(mel.shape, generator=generator) * self.config.mask_noise
        masked = mask.repeat_interleave(STACK, dim=1)[..., None]
        encoded = self.encoder(torch.where(masked, noise.to(mel.device), mel))
        logits = self.head(encoded[mask]).reshape(-1, self.config.codebook_size)
        codes = self.targets(mel)[mask].reshape(-1)
        correct = (logits.argmax(dim=-1) == codes).float()
        return nn.functional.cross_entropy(logits, codes), correct.mean()


def components(centered: Tensor, count: int) -> Tensor:
    """Principal components of frames (N, F), as (F, count), scaled to the root of their deviation.

    Unscaled, energy alone determines nearly all codes and leaves most of them unused; at equal
    deviation, noise contributes as much as speech.
    """
    _, scales, directions = torch.linalg.svd(centered, full_matrices=False)
    deviations = scales[:count] / len(centered) ** 0.5
    return directions[:count].T / deviations.sqrt()


def perplexities(codes: np.ndarray) -> list[float]:
    """Perplexity of each codebook's use, for codes (N, num_codebooks)."""
    shares = [np.unique(column, return_counts=True)[1] / len(column) for column in codes.T]
    return [float(np.exp(-(share * np.log(share)).sum())) for share in shares]
