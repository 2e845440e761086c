"""How far decoded streams are from the prosody, frame by frame, in units one can hear."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from prosodytok.nn.decoder import Decoded
from prosodytok.nn.tensors import Batch

#: Where the errors bend from squared to absolute: trackers' octave errors must not rule.
F0_BEND_ST, ENERGY_BEND_DB = 0.5, 3.0
#: An F0 error counts once more, by this much, with a bend at the 20 % by which trackers may differ:
#: a squared error is mostly made by the few frames that are off by so much.
F0_FAR_BEND_ST, F0_FAR_WEIGHT = 3.0, 0.6


def frame_errors(batch: Batch, decoded: Decoded) -> tuple[Tensor, Tensor, Tensor]:
    """Errors of F0 (semitones, Huber, twice), voicing (cross-entropy) and energy (dB, Huber).

    Each has shape (B, T), or (C, B, T) where utterances were decoded in C ways. F0 counts at every
    frame; where it matters is for the caller to say.
    """
    _, voiced, energy = batch.streams
    semitones = _semitones_off(batch, decoded)
    return (
        _huber(semitones, F0_BEND_ST) + F0_FAR_WEIGHT * _huber(semitones, F0_FAR_BEND_ST),
        F.softplus(decoded.voicing) - voiced * decoded.voicing,
        _huber((decoded.energy - energy) * batch.scale[:, 1:], ENERGY_BEND_DB),
    )


def squared_f0_error(batch: Batch, decoded: Decoded) -> Tensor:
    """Squared error of F0 (semitones squared), shaped as above: what explained variance counts."""
    return _semitones_off(batch, decoded).square()


def _semitones_off(batch: Batch, decoded: Decoded) -> Tensor:
    f0 = batch.streams[0]
    return (decoded.f0 - f0) * batch.scale[:, :1]


def _huber(error: Tensor, bend: float) -> Tensor:
    """Huber loss over its bend: the absolute error, less half a bend, where it is large."""
    size = error.abs()
    bent = size.clamp(max=bend)
    return bent * (size - bent / 2) / bend
