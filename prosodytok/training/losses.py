"""What the autoencoder is asked for: F0, voicing, energy and timing, in units one can hear."""

from __future__ import annotations

import torch
from torch import Tensor

from prosodytok.nn.distortion import frame_errors, squared_f0_error
from prosodytok.nn.encoder import Encoded
from prosodytok.nn.tensors import TensorBatch, TensorDecoded, channels, frame_mask
from prosodytok.training.config import LossConfig
from prosodytok.training.ranks import average


def losses(
    batch: TensorBatch, encoded: Encoded, decoded: TensorDecoded, coarse: TensorDecoded
) -> dict[str, Tensor]:
    """Compute the losses of a batch, each a scalar.

    Of all levels, and as ``coarse_...`` of phrases and words alone: ``f0`` (semitones, over voiced
    frames) and ``f0_unvoiced``, Huber with a bend at half a semitone; ``f0_squared``, the squared
    error in voiced frames; ``voicing``, cross-entropy;
    ``energy`` (dB), Huber with a bend at 3 dB. Then ``timing``, mean absolute error of log2
    durations, and ``commitment`` of the quantizers.

    Of several processes each has its part of a batch, and its losses are sums over its own part,
    divided by the mean size of a part: the mean of the processes' losses, and of their gradients,
    is that of the whole batch.
    """
    return {
        **_distortions(batch, decoded),
        **{f"coarse_{name}": part for name, part in _distortions(batch, coarse).items()},
        "timing": _timing(batch, decoded),
        "commitment": _commitment(encoded),
    }


def _distortions(batch: TensorBatch, decoded: TensorDecoded) -> dict[str, Tensor]:
    _, voiced, _ = channels(batch)
    inside = frame_mask(batch)
    f0, voicing, energy = frame_errors(batch, decoded)
    return {
        "f0": _mean(f0, inside * voiced),
        "f0_unvoiced": _mean(f0, inside * (1 - voiced)),
        "f0_squared": _mean(squared_f0_error(batch, decoded), inside * voiced),
        "voicing": _mean(voicing, inside),
        "energy": _mean(energy, inside),
    }


def total(parts: dict[str, Tensor], weights: LossConfig) -> Tensor:
    """Weighted sum of the losses."""
    coarse = {name: weights.coarse for name in parts if name.startswith("coarse_")}
    return torch.stack(
        [
            coarse.get(name, 1.0) * getattr(weights, name.removeprefix("coarse_")) * part
            for name, part in parts.items()
        ]
    ).sum()


def _mean(error: Tensor, weight: Tensor) -> Tensor:
    return (error * weight).sum() / average(weight.sum()).clamp(min=1)


def _timing(batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
    word = (decoded.word_timing - batch.word_timing).abs()
    phrase = (decoded.phrase_timing - batch.phrase_timing).abs()
    return _mean(word, torch.ones_like(word)) + _mean(phrase, torch.ones_like(phrase))


def _commitment(encoded: Encoded) -> Tensor:
    parts = []
    for name, loss in encoded.commitment.items():
        units = loss.new_tensor(len(encoded.codes[name]))
        parts.append(loss * units / average(units))
    return torch.stack(parts).sum()
