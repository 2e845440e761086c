"""Training of the networks: loss, and a run of fixed computing time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.training.feature_cache import CachedUtterance

from .autoencoder import ConvAutoencoder
from .random_crops import BATCH, Crops

#: Batches of crops for the initialisation of the codebooks.
FIRST_BATCHES = 25
#: Share of the time without quantisation, so that codebooks are initialised on trained latents.
UNQUANTISED = 0.1
LEARNING_RATE, WARM_UP = 1e-3, 0.03
#: Loss weights relative to F0 in voiced frames.
UNVOICED, VOICING, ENERGY, COMMITMENT = 0.02, 2.0, 0.1, 0.25


def reconstruction_loss(
    estimate: Tensor, tracks: Tensor, scales: Tensor, lengths: Tensor
) -> Tensor:
    """Huber loss on semitones and dB, and cross-entropy of voicing, as for our tokenizer.

    `estimate` is (B, T, 2 or 3); without the third stream, energy is left out.
    """
    inside = (torch.arange(tracks.shape[1]) < lengths[:, None]).float()
    voiced = tracks[..., 1] * inside
    f0 = F.huber_loss(
        estimate[..., 0] * scales[:, :1],
        tracks[..., 0] * scales[:, :1],
        reduction="none",
        delta=0.5,
    )
    voicing = F.binary_cross_entropy_with_logits(estimate[..., 1], tracks[..., 1], reduction="none")
    loss = 2 * (_mean(f0, voiced) + UNVOICED * _mean(f0, inside - voiced))
    loss = loss + VOICING * _mean(voicing, inside)
    if estimate.shape[-1] == 3:
        energy = F.huber_loss(
            estimate[..., 2] * scales[:, 1:],
            tracks[..., 2] * scales[:, 1:],
            reduction="none",
            delta=3.0,
        )
        loss = loss + ENERGY / 3 * _mean(energy, inside)
    return loss


def fit_network(
    network: ConvAutoencoder, utterances: Sequence[CachedUtterance], minutes: float, seed: int = 0
) -> int:
    """Train for a number of minutes of processor time; return the number of updates.

    The first tenth is without quantisation; then k-means initialises the codebooks, and everything
    is trained together (rotation trick, codebooks by moving averages).
    """
    crops = Crops(utterances, seed)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    network.train()
    updates, quantised = 0, False
    for progress in _clock(minutes):
        if progress >= UNQUANTISED and not quantised:
            _initialize_codebooks(network, crops)
            quantised = True
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * _schedule(progress)
        tracks, scales, lengths = crops.draw(BATCH)
        latents = network.encode(tracks)
        commitment = torch.zeros(())
        if quantised:
            latents, _, commitment = network.quantizer(latents)
        loss = reconstruction_loss(network.decode(latents), tracks, scales, lengths)
        optimizer.zero_grad()
        (loss + COMMITMENT * commitment).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        updates += 1
    network.eval()
    return updates


def _clock(minutes: float) -> Iterator[float]:
    """Elapsed share of the processor time, which other load does not change."""
    start = time.process_time()
    while (progress := (time.process_time() - start) / (60 * minutes)) < 1:
        yield progress


def _schedule(progress: float) -> float:
    """Linear warm-up, then cosine decay to a hundredth."""
    return min(1.0, progress / WARM_UP + 0.01) * (0.505 + 0.495 * math.cos(math.pi * progress))


@torch.no_grad()
def _initialize_codebooks(network: ConvAutoencoder, crops: Crops) -> None:
    parts = [network.encode(crops.draw(BATCH)[0]) for _ in range(FIRST_BATCHES)]
    network.quantizer.initialize(torch.cat(parts))


def _mean(error: Tensor, weight: Tensor) -> Tensor:
    return (error * weight).sum() / weight.sum().clamp(min=1)
