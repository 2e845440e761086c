"""Flat convolutional autoencoder on a grid of fixed units, without words or phrases."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.layers import Stack

from .peer_quantizer import Quantizer
from .random_crops import BATCH, CROP

#: Frames per network step; width and kernel of the decoder's last layer.
PATCH, SMOOTH_DIM, SMOOTH_WIDTH = 8, 16, 9
DILATIONS = (1, 2, 4, 8, 1, 2)


class ConvAutoencoder(nn.Module):
    """Dilated residual blocks on 80 ms steps; units of one or more `steps` are quantised.

    The blocks are those of our tokenizer, so that the two differ in the hierarchy only. With 2
    channels (F0 and voicing; a third is energy) and one codebook it is the F0 VQ-VAE of Polyak et
    al. (2021, "Speech Resynthesis from Discrete Disentangled Self-Supervised Representations"),
    with an architecture that trains faster than strided convolutions on single frames.
    """

    def __init__(
        self, steps: int, codebook_sizes: Sequence[int], channels: int = 3, dim: int = 224
    ) -> None:
        super().__init__()
        self.steps, self.frames, self.channels = steps, steps * PATCH, channels
        self.input = nn.Linear(channels * PATCH, dim)
        self.encoder = Stack(dim, DILATIONS)
        self.merge = nn.Linear(steps * dim, dim)
        self.quantizer = Quantizer(dim, codebook_sizes, BATCH * CROP // self.frames)
        self.split = nn.Linear(dim, steps * dim)
        self.decoder = Stack(dim, DILATIONS)
        self.norm = nn.LayerNorm(dim)
        self.output = nn.Linear(dim, PATCH * SMOOTH_DIM)
        self.smooth = nn.Conv1d(SMOOTH_DIM, channels, SMOOTH_WIDTH, padding="same")

    def encode(self, tracks: Tensor) -> Tensor:
        """Tracks (B, T, 3), T a multiple of a unit, to latents (B, N, D)."""
        batch, frames, _ = tracks.shape
        x = tracks[..., : self.channels]
        x = self.input(x.reshape(batch, frames // PATCH, self.channels * PATCH))
        x = self.encoder(x, x.new_ones(batch, x.shape[1], 1))
        latents: Tensor = self.merge(x.reshape(batch, frames // self.frames, -1))
        return latents

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, N, D) to tracks (B, T, channels), voicing as a logit."""
        batch, units, _ = latents.shape
        x = self.split(latents).view(batch, units * self.steps, -1)
        x = self.norm(self.decoder(x, x.new_ones(batch, x.shape[1], 1)))
        x = F.gelu(self.output(x)).view(batch, units * self.frames, SMOOTH_DIM)
        tracks: Tensor = self.smooth(x.transpose(1, 2)).transpose(1, 2)
        return tracks
