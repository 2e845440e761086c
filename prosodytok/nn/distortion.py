"""Per-frame reconstruction error in perceptual units: semitones, voicing, dB."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from prosodytok.nn.tensors import TensorBatch, TensorDecoded, channels, with_noise

#: Where the Huber errors change from squared to absolute: octave errors must not dominate.
F0_BEND_ST, ENERGY_BEND_DB = 0.5, 3.0
#: A second term of the F0 error, with this weight and a bend at the 20 % by which trackers may
#: differ: most of a squared error comes from the few frames that are this far off.
F0_FAR_BEND_ST, F0_FAR_WEIGHT = 3.0, 0.6
#: Weights of F0 in voiced frames (semitones), voicing (nats) and energy (dB) in the search.
F0_WEIGHT, VOICING_WEIGHT, ENERGY_WEIGHT = 2.0, 3.0, 0.2


def frame_errors(batch: TensorBatch, decoded: TensorDecoded) -> tuple[Tensor, Tensor, Tensor]:
    """Errors of F0 (semitones, two Huber terms), voicing (cross-entropy) and energy (dB, Huber).

    Each has shape (B, T), or (C, B, T) for C decodings of each utterance. F0 counts in every frame;
    the caller masks unvoiced ones.
    """
    _, voiced, energy = channels(batch)
    return (
        _f0_error(_f0_difference(batch, decoded)),
        F.softplus(decoded.voicing) - voiced * decoded.voicing,
        _huber((with_noise(batch, decoded.energy) - energy) * batch.scale[:, 1:], ENERGY_BEND_DB),
    )


def perceptual_cost(batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
    """Weighted sum of `frame_errors`, F0 in voiced frames alone: (C, B, T)."""
    f0, voicing, energy = frame_errors(batch, decoded)
    voiced = channels(batch)[1]
    return F0_WEIGHT * voiced * f0 + VOICING_WEIGHT * voicing + ENERGY_WEIGHT * energy


def cell_cost(decoded: Tensor, target: Tensor, scale: Tensor) -> Tensor:
    """Mean weighted error of curves that are averaged over cells, a scalar.

    Parameters
    ----------
    decoded : (M, C, 3) float32
        Normalised F0, voicing logit and normalised energy of C cells.
    target : (M, C, 3) float32
        The same with the share of voiced frames for voicing, by which F0 counts.
    scale : (M, 2) float32
        Semitones and dB of a normalised F0 and energy of 1.
    """
    voiced, logit = target[..., 1], decoded[..., 1]
    error = decoded - target
    semitones, decibels = error[..., 0] * scale[:, :1], error[..., 2] * scale[:, 1:]
    f0 = (_f0_error(semitones) * voiced).sum() / voiced.sum().clamp(min=1)
    voicing = (F.softplus(logit) - voiced * logit).mean()
    energy = _huber(decibels, ENERGY_BEND_DB).mean()
    return F0_WEIGHT * f0 + VOICING_WEIGHT * voicing + ENERGY_WEIGHT * energy


def squared_f0_error(batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
    """Squared error of F0 (semitones squared) of each frame: explained variance is based on it."""
    return _f0_difference(batch, decoded).square()


def _f0_difference(batch: TensorBatch, decoded: TensorDecoded) -> Tensor:
    return (decoded.f0 - channels(batch)[0]) * batch.scale[:, :1]


def _f0_error(semitones: Tensor) -> Tensor:
    return _huber(semitones, F0_BEND_ST) + F0_FAR_WEIGHT * _huber(semitones, F0_FAR_BEND_ST)


def _huber(error: Tensor, bend: float) -> Tensor:
    """Huber loss over its bend: the absolute error, less half a bend, where it is large."""
    size = error.abs()
    bent = size.clamp(max=bend)
    return bent * (size - bent / 2) / bend
