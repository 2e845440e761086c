"""Small acoustic model after FastSpeech 2: phones to mel, F0, voicing and durations.

Ren et al. (2021), "FastSpeech 2: Fast and high-quality end-to-end text to speech", reduced so that
one core trains it in minutes: convolutions and a GRU replace its transformers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from data import COSINES, HANDMADE, PHONES, Batch, cosines
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.tts import ProsodyConditioner

Condition = Literal["none", "tokens", "handmade"]
DIM = 96
MEL = 80


@dataclass
class Predicted:
    """Predictions of a batch: log2 of durations (B, N); mel, F0 and voicing (B, T, ...)."""

    log_durations: Tensor
    mel: Tensor
    f0: Tensor
    voicing: Tensor


class AcousticModel(nn.Module):
    """Phones and prosody conditioning to acoustic features.

    Besides the phones, `condition` is "none", "tokens" (with these codebook sizes) or "handmade".
    """

    def __init__(self, condition: Condition, codebook_sizes: Mapping[str, Sequence[int]]) -> None:
        super().__init__()
        self.condition = condition
        self.phone = nn.Embedding(len(PHONES) + 1, DIM)
        self.position = nn.Linear(COSINES, DIM)
        self.phone_blocks = nn.Sequential(*(Block(1) for _ in range(2)))
        self.by_phone, self.by_frame = (_conditioner(condition, codebook_sizes) for _ in range(2))
        self.gru = nn.GRU(DIM, DIM // 2, batch_first=True, bidirectional=True)
        self.duration = nn.Sequential(Block(1), nn.Linear(DIM, 1))
        self.position_in_phone = nn.Linear(COSINES, DIM)
        self.frame_blocks = nn.Sequential(*(Block(dilation) for dilation in (1, 2, 4, 8)))
        self.out = nn.Linear(DIM, MEL + 2)
        self.register_buffer("mel_mean", torch.zeros(MEL))
        self.register_buffer("mel_scale", torch.ones(MEL))

    def forward(self, batch: Batch, levels: Collection[str] | None = None) -> Predicted:
        """Predict with the durations of the batch; `levels` of the tokens, all by default."""
        mask = (batch.phones > 0)[..., None]
        count = mask.sum(dim=1).float()
        positions = (torch.arange(batch.phones.shape[1]) + 0.5) / count
        x = self.phone(batch.phones) + self.position(cosines(positions.clamp(max=1)))
        x = self.phone_blocks(x * mask)
        edges, features = batch.phone_edges, batch.by_phone
        x = x + self._condition(self.by_phone, batch.tokens, edges, features, levels)
        x = x + self.gru(x * mask)[0]
        log_durations = self.duration(x * mask)[..., 0]
        positions = positions_in_phones(batch.durations)
        x = regulate(x, batch.durations) + self.position_in_phone(cosines(positions))
        edges, features = batch.frame_edges, batch.by_frame
        x = x + self._condition(self.by_frame, batch.tokens, edges, features, levels)
        out = self.out(self.frame_blocks(x * batch.frames[..., None]))
        mel = out[..., :MEL] * self.mel_scale + self.mel_mean
        return Predicted(log_durations, mel, out[..., MEL], out[..., MEL + 1])

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Losses by name; F0 in square semitones, durations in square octaves."""
        predicted = self(batch)
        frames, voiced = batch.frames, batch.voiced
        scaled = (predicted.mel - batch.mel) / self.mel_scale
        mask = batch.phones > 0
        durations = batch.durations[mask].float().log2()
        return {
            "mel": scaled[frames].abs().mean(),
            "f0": F.mse_loss(predicted.f0[voiced], batch.f0[voiced]),
            "voicing": F.binary_cross_entropy_with_logits(
                predicted.voicing[frames], voiced[frames].float()
            ),
            "duration": F.mse_loss(predicted.log_durations[mask], durations),
        }

    def _condition(self, conditioner, tokens, edges, features, levels) -> Tensor:  # type: ignore[no-untyped-def]
        if self.condition == "tokens":
            return conditioner(tokens, edges, levels)
        return conditioner(features) if self.condition == "handmade" else features.new_zeros(())


class Block(nn.Module):
    """Residual: three dilated taps, GELU, projection, norm; (B, S, D) to (B, S, D)."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.taps = nn.Conv1d(DIM, DIM, 3, padding=dilation, dilation=dilation)
        self.project = nn.Linear(DIM, DIM)
        self.norm = nn.LayerNorm(DIM)

    def forward(self, x: Tensor) -> Tensor:
        """(B, S, D) to (B, S, D)."""
        taps = self.taps(self.norm(x).transpose(1, 2)).transpose(1, 2)
        return x + self.project(F.gelu(taps))


def _conditioner(
    condition: Condition, codebook_sizes: Mapping[str, Sequence[int]]
) -> nn.Module | None:
    if condition == "tokens":
        return ProsodyConditioner(codebook_sizes, DIM, level_dropout=0.05, condition_dropout=0.05)
    if condition == "handmade":
        return nn.Sequential(nn.Linear(HANDMADE, DIM), nn.GELU(), nn.Linear(DIM, DIM))
    return None


def regulate(x: Tensor, durations: Tensor) -> Tensor:
    """Repeat each phone (B, N, D) for its frames: (B, T, D), 0 in the padding."""
    rows = [row.repeat_interleave(of_row, dim=0) for row, of_row in zip(x, durations, strict=True)]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def positions_in_phones(durations: Tensor) -> Tensor:
    """Relative position of each frame in its phone, 0 to 1: (B, T)."""
    rows = [torch.cat([(torch.arange(n) + 0.5) / n for n in row if n]) for row in durations]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)
