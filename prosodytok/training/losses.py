"""What the autoencoder is asked for: F0, voicing, energy and timing, in units one can hear."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from prosodytok.model.batch import Batch
from prosodytok.model.network import Decoded, Encoded
from prosodytok.training.config import LossConfig


def losses(batch: Batch, encoded: Encoded, decoded: Decoded) -> dict[str, Tensor]:
    """Compute the losses of a batch, each a scalar.

    ``f0`` (semitones, over voiced frames) and ``f0_unvoiced``, Huber with a bend at half a
    semitone; ``voicing``, cross-entropy; ``energy`` (dB), Huber with a bend at 3 dB; ``timing``,
    mean absolute error of log2 durations; ``commitment`` of the quantizers.
    """
    f0, voiced, energy = batch.streams
    inside = _inside(batch, f0.shape[1])
    spread = f0.new_tensor([[r.f0_spread_st] for r in batch.registers])
    depth = f0.new_tensor([[r.energy_range_db] for r in batch.registers])
    f0_error = F.huber_loss(decoded.f0 * spread, f0 * spread, reduction="none", delta=0.5) * 2
    energy_error = (
        F.huber_loss(decoded.energy * depth, energy * depth, reduction="none", delta=3.0) / 3
    )
    voicing_error = F.binary_cross_entropy_with_logits(decoded.voicing, voiced, reduction="none")
    return {
        "f0": _mean(f0_error, inside * voiced),
        "f0_unvoiced": _mean(f0_error, inside * (1 - voiced)),
        "voicing": _mean(voicing_error, inside),
        "energy": _mean(energy_error, inside),
        "timing": _timing(batch, decoded),
        "commitment": torch.stack(list(encoded.commitment.values())).sum(),
    }


def total(parts: dict[str, Tensor], weights: LossConfig) -> Tensor:
    """Weighted sum of the losses."""
    return torch.stack([getattr(weights, name) * part for name, part in parts.items()]).sum()


def _inside(batch: Batch, frames: int) -> Tensor:
    lengths = batch.frames.new_tensor(batch.layout.num_frames)
    return (torch.arange(frames, device=lengths.device) < lengths[:, None]).float()


def _mean(error: Tensor, weight: Tensor) -> Tensor:
    return (error * weight).sum() / weight.sum().clamp(min=1)


def _timing(batch: Batch, decoded: Decoded) -> Tensor:
    word = (decoded.word_timing - batch.word_timing).abs().mean()
    return word + (decoded.phrase_timing - batch.phrase_timing).abs().mean()
